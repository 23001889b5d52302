/* chmod(2), umask(2), access(2): what each bit allows its owner; directories need x to pass and w to change. */
#include "../check.h"

int main(void) {
  scratch();
  umask(027);
  close(MUST(open("file", O_RDWR | O_CREAT, 0777)));
  struct stat status;
  MUST(stat("file", &status));
  say("%o\n", status.st_mode);
  const int modes[] = {0, 0100, 0200, 0400, 0600, 0077};
  for (unsigned i = 0; i < COUNT(modes); i++) {
    MUST(chmod("file", modes[i]));
    say("%04o: R %d W %d X %d\n", modes[i], access("file", R_OK), access("file", W_OK), access("file", X_OK));
  }
  SHOW(chmod("file", 07777));
  MUST(stat("file", &status));
  say("%o\n", status.st_mode);
  MUST(mkdir("directory", 0777));
  close(MUST(open("directory/file", O_RDWR | O_CREAT, 0600)));
  const int directory_modes[] = {0, 0100, 0200, 0300, 0400, 0500, 0700};
  for (unsigned i = 0; i < COUNT(directory_modes); i++) {
    MUST(chmod("directory", directory_modes[i]));
    int lists = open("directory", O_RDONLY), finds = access("directory/file", F_OK), makes = mkdir("directory/new", 0700);
    if (makes == 0) rmdir("directory/new");
    say("%04o: lists %d finds %d makes %d\n", directory_modes[i], lists >= 0, finds == 0, makes == 0);
  }
  SHOW(access("file", 8));
  SHOW(access("none", F_OK));
  SHOW(access("none", R_OK));
  SHOW(chmod("none", 0600));
  SHOW(chmod("/dev/null", 0600));
  SHOW(fchmod(999, 0600));
  SHOW(fchmodat(AT_FDCWD, "file", 0644, 0));
  SHOW(umask(0777));
  SHOW(umask(022));
}
