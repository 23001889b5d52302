/* mremap(2), MREMAP_FIXED: to a chosen place, in place of what was there, also out of the middle of a mapping. */
#include "../check.h"

int main(void) {
  char *from = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char *to = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < 4; i++) from[i * PAGE] = 'a' + i, to[i * PAGE] = 'A' + i;
  IS(mremap(from + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 2 * PAGE) == to + 2 * PAGE);
  say("%c%c%c%c\n", to[0], to[PAGE], to[2 * PAGE], to[3 * PAGE]);
  FAULT(from, (void)*(volatile char *)(from + PAGE));
  SHOW(from[2 * PAGE]);
  MAPS(mremap(from, PAGE, PAGE, MREMAP_FIXED, to));
  MAPS(mremap(from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 1));
  MAPS(mremap(to, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE));
  MAPS(mremap(to, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to - PAGE));
  IS(mremap(from + 2 * PAGE, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, from) == from);
  SHOW(from[0]);
  FAULT(from, (void)*(volatile char *)(from + 3 * PAGE));
}
