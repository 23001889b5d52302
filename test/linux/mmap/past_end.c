/* mmap(2): pages wholly past the end of a file give SIGBUS; the rest of its last page is zero and writes there are lost. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("data", "short");
  volatile char *map = MAPS(mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0));
  SHOW(map[4]);
  SHOW(map[5]);
  SHOW(map[PAGE - 1]);
  FAULT(map, (void)map[PAGE]);
  FAULT(map, map[PAGE + 17] = 1);
  FAULT(map, map[2 * PAGE] = 1);
  map[100] = 'x';
  SHOW(size_of(fd));
  MUST(ftruncate(fd, PAGE + 1));
  FAULT(map, (void)map[PAGE]);
  SHOW(map[PAGE]);
  map[PAGE] = 'y';
  MUST(ftruncate(fd, 5));
  FAULT(map, (void)map[PAGE]);
  FAULT(map, (void)map[4]);
  MUST(ftruncate(fd, 2 * PAGE));
  FAULT(map, (void)map[PAGE]);
  SHOW(map[PAGE]);
  SHOW(map[100]);
}
