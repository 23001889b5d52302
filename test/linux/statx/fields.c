/* statx(2): the same as stat(2), the mask of what was filled in, AT_EMPTY_PATH, errors. */
#include "../check.h"

/* musl has none. */
struct fields {
  uint32_t mask, blksize;
  uint64_t attributes;
  uint32_t nlink, uid, gid;
  uint16_t mode, spare;
  uint64_t ino, size, blocks, attributes_mask;
  struct { int64_t sec; uint32_t nsec; int32_t reserved; } atime, btime, ctime, mtime;
  uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
  uint64_t rest[14];
};
#define BASIC 0x7ff

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  struct fields fields = {0};
  struct stat status;
  MUST(fstat(fd, &status));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, BASIC, &fields));
  IS((fields.mask & BASIC) == BASIC);
  IS(fields.ino == status.st_ino && fields.nlink == 1 && fields.mode == status.st_mode);
  SHOW((long)fields.size);
  IS(fields.uid == getuid());
  IS(fields.mtime.sec == status.st_mtim.tv_sec && fields.mtime.nsec == status.st_mtim.tv_nsec);
  SHOW(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, BASIC, &fields));
  SHOW((long)fields.size);
  SHOW(syscall(SYS_statx, fd, "", 0, BASIC, &fields));
  MUST(symlink("file", "link"));
  SHOW(syscall(SYS_statx, AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, BASIC, &fields));
  IS(S_ISLNK(fields.mode));
  SHOW(syscall(SYS_statx, AT_FDCWD, "/dev/zero", 0, BASIC, &fields));
  say("%u:%u\n", fields.rdev_major, fields.rdev_minor);
  SHOW(syscall(SYS_statx, AT_FDCWD, "none", 0, BASIC, &fields));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x80000000, &fields));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0x1, BASIC, &fields));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0x6000, BASIC, &fields));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, BASIC, 8));
}
