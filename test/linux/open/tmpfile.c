/* open(2), O_TMPFILE: a file without a name, which linkat(2) may give one. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = WORKS(open(".", O_TMPFILE | O_RDWR, 0600));
  struct stat status;
  MUST(fstat(fd, &status));
  SHOW(status.st_nlink);
  SHOW(status.st_mode & 0777);
  SHOW(write(fd, "anonymous", 9));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  say("%s\n", text_of("named"));
  MUST(fstat(fd, &status));
  SHOW(status.st_nlink);
  WORKS(open(".", O_TMPFILE | O_RDONLY, 0600));
  WORKS(open("none", O_TMPFILE | O_RDWR, 0600));
  int exclusive = WORKS(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));
  snprintf(path, sizeof path, "/proc/self/fd/%d", exclusive);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "other", AT_SYMLINK_FOLLOW));
}
