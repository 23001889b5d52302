/* mmap(2): a mapping at an offset shows the file from there; lengths are rounded up to whole pages. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_of_pages("data", 4);
  char *map = MAPS(mmap(NULL, PAGE + 1, PROT_READ, MAP_SHARED, fd, 2 * PAGE));
  say("%c %c %c\n", map[0], map[PAGE - 1], map[PAGE]);
  say("%c\n", map[2 * PAGE - 1]);
  char *high = MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 1L << 40));
  FAULT(high, (void)*(volatile char *)high);
  MUST(ftruncate(fd, 6 * PAGE));
  char *hole = MAPS(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 4 * PAGE));
  SHOW(hole[0]);
  hole[PAGE] = 'z';
  char byte = 0;
  SHOW(pread(fd, &byte, 1, 5 * PAGE));
  SHOW(byte);
}
