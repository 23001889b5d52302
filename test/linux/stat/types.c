/* stat(2), lstat(2), fstat(2): types, modes, links, sizes, times that agree; errors. */
#include "../check.h"

static void show(const char *path) {
  struct stat status;
  if (lstat(path, &status) < 0) {
    say("%s: %s\n", path, error_name(errno));
    return;
  }
  say("%s: %06o, owner %s\n", path, status.st_mode, status.st_uid == getuid() ? "ours" : "another");
}

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  MUST(mkdir("directory", 0750));
  MUST(symlink("file", "link"));
  MUST(mkfifo("fifo", 0600));
  MUST(link("file", "second"));
  show("file"), show("directory"), show("link"), show("fifo"), show("none"), show("file/x");
  struct stat one, other;
  SHOW(stat("link", &one));
  SHOW(fstat(fd, &other));
  IS(one.st_ino == other.st_ino && one.st_dev == other.st_dev);
  SHOW(one.st_size);
  SHOW(one.st_nlink);
  SHOW(lstat("link", &other));
  IS(one.st_ino != other.st_ino);
  SHOW(other.st_size);
  SHOW(stat("directory", &one));
  SHOW(one.st_nlink);
  SHOW(mkdir("directory/below", 0700));
  SHOW(stat("directory", &one));
  SHOW(one.st_nlink);
  SHOW(stat("/dev/null", &one));
  IS(S_ISCHR(one.st_mode) && one.st_rdev == 0x103);
  int ends[2];
  MUST(pipe(ends));
  MUST(fstat(ends[0], &one));
  IS(S_ISFIFO(one.st_mode));
  SHOW(stat("", &one));
  SHOW(syscall(SYS_stat, "file", 8));
  SHOW(fstat(999, &one));
}
