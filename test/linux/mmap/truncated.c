/* mmap(2) and ftruncate(2): truncation takes pages out of every mapping, copies of a private one included. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_of_pages("data", 3);
  volatile char *shared = MAPS(mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0));
  volatile char *private = MAPS(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0));
  private[0] = private[2 * PAGE] = 'p';
  SHOW(shared[2 * PAGE]);
  SHOW(ftruncate(fd, PAGE + 10));
  FAULT(shared, (void)shared[2 * PAGE]);
  FAULT(private, (void)private[2 * PAGE]);
  SHOW(private[0]);
  SHOW(shared[PAGE + 9]);
  SHOW(shared[PAGE + 10]);
  SHOW(private[PAGE + 10]);
  IN_CHILD("child") SHOW(truncate("data", 0));
  FAULT(shared, shared[0] = 1);
  FAULT(private, (void)private[0]);
  SHOW(ftruncate(fd, PAGE));
  SHOW(shared[0]);
  SHOW(private[0]);
}
