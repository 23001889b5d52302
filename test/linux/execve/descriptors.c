/* execve(2): close-on-exec descriptors are closed, others stay with their offsets; the directory and the umask stay. */
#include "../check.h"

int main(int argc, char **argv) {
  if (argc > 1) {
    int stays = atoi(argv[1]), goes = atoi(argv[2]);
    char text[4] = "";
    SHOW(fcntl(goes, F_GETFD));
    SHOW(fcntl(stays, F_GETFD));
    SHOW(read(stays, text, 3));
    say("%s\n", text);
    SHOW(umask(0));
    say("%s\n", text_of("data"));
    return 0;
  }
  scratch();
  int stays = file_with_text("data", "abcdefghi");
  int goes = MUST(open("data", O_RDONLY | O_CLOEXEC));
  MUST(lseek(stays, 2, SEEK_SET));
  umask(0123);
  IN_CHILD("child") {
    char one[16], two[16];
    snprintf(one, sizeof one, "%d", stays);
    snprintf(two, sizeof two, "%d", goes);
    MUST(execl("/proc/self/exe", argv[0], one, two, (char *)NULL));
  }
  SHOW(lseek(stays, 0, SEEK_CUR));
}
