/* fork(2): the child has copies of the descriptors, which name the same open files: one offset, one set of status flags. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("data", "abcdefghij");
  int cloexec = MUST(open("data", O_RDONLY | O_CLOEXEC));
  IN_CHILD("child") {
    char text[4] = "";
    SHOW(read(fd, text, 3));
    say("%s\n", text);
    SHOW(fcntl(cloexec, F_GETFD));
    MUST(fcntl(fd, F_SETFL, O_APPEND));
    MUST(fcntl(fd, F_SETFD, FD_CLOEXEC));
    MUST(close(cloexec));
  }
  SHOW(lseek(fd, 0, SEEK_CUR));
  IS(fcntl(fd, F_GETFL) & O_APPEND);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(cloexec, F_GETFD));
  SHOW(lseek(fd, 1, SEEK_SET));
  SHOW(write(fd, "end", 3));
  say("%s\n", text_of("data"));
}
