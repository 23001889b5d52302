/* fallocate(2) in memory: room, KEEP_SIZE, PUNCH_HOLE, errors; posix_fallocate(3). */
#include "../check.h"

int main(void) {
  int fd = MUST(memfd_create("file", 0));
  SHOW(fallocate(fd, 0, 0, 3 * PAGE));
  SHOW(size_of(fd));
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8 * PAGE));
  SHOW(size_of(fd));
  char bytes[PAGE];
  memset(bytes, 'x', sizeof bytes);
  for (int i = 0; i < 3; i++) MUST(pwrite(fd, bytes, PAGE, i * PAGE));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE - 2, PAGE + 4));
  MUST(pread(fd, bytes, 4, PAGE - 4));
  say("%d %d %d %d\n", bytes[0], bytes[1], bytes[2], bytes[3]);
  MUST(pread(fd, bytes, 4, 2 * PAGE));
  say("%d %d %d %d\n", bytes[0], bytes[1], bytes[2], bytes[3]);
  SHOW(lseek(fd, 0, SEEK_HOLE));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE));
  SHOW(fallocate(fd, 0, 0, 0));
  SHOW(fallocate(fd, 0, -1, 10));
  SHOW(fallocate(fd, 0, LONG_MAX, 10));
  SHOW(fallocate(fd, 0x400, 0, 10));
  SHOW_ERROR(posix_fallocate(fd, 5 * PAGE, 10));
  SHOW(size_of(fd));
  int ends[2];
  MUST(pipe(ends));
  SHOW(fallocate(ends[1], 0, 0, 10));
  scratch();
  SHOW(fallocate(MUST(open("file", O_RDONLY | O_CREAT, 0600)), 0, 0, 10));
  SHOW(fallocate(999, 0, 0, 10));
}
