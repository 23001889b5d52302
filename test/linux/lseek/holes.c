/* lseek(2): SEEK_SET, SEEK_CUR, SEEK_END, and SEEK_DATA and SEEK_HOLE in a sparse file. */
#include "../check.h"

int main(void) {
  int fd = MUST(memfd_create("sparse", 0));
  SHOW(lseek(fd, 10 * PAGE, SEEK_SET));
  SHOW(size_of(fd));
  SHOW(write(fd, "x", 1));
  SHOW(pwrite(fd, "y", 1, 3 * PAGE + 5));
  SHOW(size_of(fd));
  SHOW(lseek(fd, 0, SEEK_DATA));
  SHOW(lseek(fd, 3 * PAGE + 7, SEEK_DATA));
  SHOW(lseek(fd, 4 * PAGE, SEEK_DATA));
  SHOW(lseek(fd, 0, SEEK_HOLE));
  SHOW(lseek(fd, 3 * PAGE, SEEK_HOLE));
  SHOW(lseek(fd, 10 * PAGE, SEEK_HOLE));
  SHOW(lseek(fd, 10 * PAGE + 1, SEEK_DATA));
  SHOW(lseek(fd, 10 * PAGE + 1, SEEK_HOLE));
  SHOW(lseek(fd, -1, SEEK_DATA));
  SHOW(lseek(fd, 5, SEEK_SET));
  SHOW(lseek(fd, 5, SEEK_CUR));
  SHOW(lseek(fd, -11, SEEK_CUR));
  SHOW(lseek(fd, -1, SEEK_END));
  SHOW(lseek(fd, LONG_MAX, SEEK_END));
  SHOW(lseek(fd, 0, 9));
  SHOW(lseek(fd, 0, SEEK_CUR));
  MUST(ftruncate(fd, 20 * PAGE));
  SHOW(lseek(fd, 10 * PAGE + 1, SEEK_HOLE));
  SHOW(lseek(fd, 12 * PAGE, SEEK_DATA));
  int ends[2];
  MUST(pipe(ends));
  SHOW(lseek(ends[0], 0, SEEK_CUR));
  SHOW(lseek(999, 0, SEEK_CUR));
}
