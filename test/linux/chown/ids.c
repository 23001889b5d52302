/* chown(2), fchown(2), lchown(2): a user may give a file to nobody else; chown to oneself is allowed. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("file", "text");
  MUST(symlink("none", "link"));
  SHOW(chown("file", -1, -1));
  SHOW(chown("file", getuid(), getgid()));
  SHOW(chown("file", 0, -1));
  SHOW(chown("file", -1, 0));
  SHOW(chown("none", -1, -1));
  SHOW(chown("link", -1, -1));
  SHOW(lchown("link", getuid(), -1));
  SHOW(fchown(fd, getuid(), -1));
  SHOW(fchown(999, -1, -1));
  SHOW(fchownat(AT_FDCWD, "link", -1, -1, AT_SYMLINK_NOFOLLOW));
  SHOW(fchownat(AT_FDCWD, "link", -1, -1, 1));
  SHOW(fchownat(fd, "", getuid(), -1, AT_EMPTY_PATH));
  SHOW(chown("/dev/null", getuid(), -1));
  MUST(chmod("file", 06755));
  SHOW(chown("file", getuid(), -1));
  struct stat status;
  MUST(stat("file", &status));
  say("%o\n", status.st_mode);
}
