/* mremap(2): growing in place, moving when there is no room, shrinking; contents go along. */
#include "../check.h"

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 6 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap(base + 2 * PAGE, 4 * PAGE));
  base[0] = 'a', base[PAGE] = 'b';
  IS(mremap(base, 2 * PAGE, 4 * PAGE, 0) == base);
  SHOW(base[3 * PAGE]);
  base[3 * PAGE] = 'd';
  IS(mremap(base, 4 * PAGE, 4 * PAGE, 0) == base);
  IS(mmap(base + 4 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == base + 4 * PAGE);
  MUST(mprotect(base + 4 * PAGE, PAGE, PROT_READ));
  MAPS(mremap(base, 4 * PAGE, 5 * PAGE, 0));
  char *moved = MAPS(mremap(base, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
  IS(moved != base);
  FAULT(base, (void)*(volatile char *)base);
  say("%c %c %d %c %d\n", moved[0], moved[PAGE], moved[2 * PAGE], moved[3 * PAGE], moved[4 * PAGE]);
  IS(mremap(moved, 5 * PAGE, PAGE, 0) == moved);
  FAULT(moved, (void)*(volatile char *)(moved + PAGE));
  SHOW(moved[0]);
}
