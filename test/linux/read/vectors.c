/* readv(2), writev(2), preadv(2), pwritev(2), pread(2), pwrite(2): vectors, offsets, partial results, errors. */
#include "../check.h"
#include <sys/uio.h>

int main(void) {
  scratch();
  int fd = MUST(open("file", O_RDWR | O_CREAT, 0600));
  struct iovec out[3] = {{"one ", 4}, {"", 0}, {"two", 3}};
  SHOW(writev(fd, out, 3));
  SHOW(pwritev(fd, out, 1, 20));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(size_of(fd));
  char a[3] = "", b[30] = "";
  struct iovec in[2] = {{a, 2}, {b, 29}};
  SHOW(preadv(fd, in, 2, 0));
  say("%s|%s|%s\n", a, b, b + 18);
  MUST(lseek(fd, 4, SEEK_SET));
  SHOW(readv(fd, in, 2));
  SHOW(readv(fd, in, 2));
  SHOW(pread(fd, b, 10, 100));
  SHOW(pread(fd, b, 10, -1));
  SHOW(pwrite(fd, b, 10, -1));
  SHOW(syscall(SYS_readv, fd, in, 0));
  SHOW(syscall(SYS_readv, fd, in, 1025));
  SHOW(syscall(SYS_readv, fd, in, -1));
  SHOW(syscall(SYS_readv, fd, 8, 1));
  in[1].iov_len = -1;
  SHOW(readv(fd, in, 2));
  in[1] = (struct iovec){(void *)8, 10};
  MUST(lseek(fd, 0, SEEK_SET));
  SHOW(readv(fd, in, 2));
  SHOW(syscall(SYS_read, fd, 8, 10));
  SHOW(syscall(SYS_write, fd, 8, 10));
  SHOW(read(fd, b, 0));
  SHOW(read(MUST(open(".", O_RDONLY)), b, 10));
  int ends[2];
  MUST(pipe(ends));
  SHOW(pread(ends[0], b, 1, 0));
  SHOW(pwrite(ends[1], b, 1, 0));
  int append = MUST(open("file", O_WRONLY | O_APPEND));
  SHOW(pwrite(append, "appended", 8, 0));
  SHOW(size_of(fd));
}
