/* stat(2), inode(7): which time each operation changes; utimensat(2) sets them. */
#include "../check.h"
#include <utime.h>

static struct stat last;
static void changes(const char *what) {
  struct stat now;
  MUST(lstat("file", &now));
  say("%s:%s%s%s\n", what, memcmp(&now.st_atim, &last.st_atim, sizeof now.st_atim) ? " atime" : "",
      memcmp(&now.st_mtim, &last.st_mtim, sizeof now.st_mtim) ? " mtime" : "",
      memcmp(&now.st_ctim, &last.st_ctim, sizeof now.st_ctim) ? " ctime" : "");
  last = now;
  sleep_ms(15);
}

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  MUST(lstat("file", &last));
  sleep_ms(15);
  MUST(pwrite(fd, "x", 1, 0)), changes("write");
  MUST(chmod("file", 0600)), changes("chmod");
  MUST(link("file", "other")), changes("link");
  MUST(unlink("other")), changes("unlink");
  MUST(ftruncate(fd, 5)), changes("ftruncate");
  MUST(lseek(fd, 0, SEEK_SET)), changes("lseek");
  struct timespec times[2] = {{1000, 123456789}, {2000, 987654321}};
  SHOW(utimensat(AT_FDCWD, "file", times, 0)), changes("utimensat");
  say("%ld.%09ld %ld.%09ld\n", (long)last.st_atim.tv_sec, last.st_atim.tv_nsec, (long)last.st_mtim.tv_sec,
      last.st_mtim.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT, times[1].tv_nsec = UTIME_OMIT;
  SHOW(utimensat(AT_FDCWD, "file", times, 0)), changes("UTIME_OMIT");
  times[1].tv_nsec = UTIME_NOW;
  SHOW(futimens(fd, times)), changes("UTIME_NOW");
  times[0].tv_nsec = 1000000000;
  SHOW(futimens(fd, times));
  SHOW(utimensat(AT_FDCWD, "none", NULL, 0));
  MUST(symlink("file", "link"));
  times[0] = times[1] = (struct timespec){5, 0};
  SHOW(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW)), changes("of the link");
  SHOW(utimensat(AT_FDCWD, "link", times, 0)), changes("through the link");
  SHOW(utimensat(AT_FDCWD, "link", times, 0x1));
  SHOW(utimensat(AT_FDCWD, "/dev/null", times, 0));
}
