/* munmap(2): a hole in the middle, at both ends, over several mappings and over nothing. */
#include "../check.h"

int main(void) {
  volatile char *base = MUST_MAP(mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < 8; i++) base[i * PAGE] = i;
  SHOW(munmap((char *)base + 3 * PAGE, PAGE));
  FAULT(base, (void)base[3 * PAGE]);
  SHOW(base[2 * PAGE]);
  SHOW(base[4 * PAGE]);
  SHOW(munmap((char *)base, PAGE));
  SHOW(munmap((char *)base + 7 * PAGE, PAGE));
  FAULT(base, (void)base[0]);
  FAULT(base, (void)base[7 * PAGE]);
  SHOW(munmap((char *)base, 8 * PAGE));
  SHOW(munmap((char *)base, 8 * PAGE));
  FAULT(base, (void)base[5 * PAGE]);
}
