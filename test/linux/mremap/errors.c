/* mremap(2), ERRORS; and MREMAP_DONTUNMAP, which leaves an empty mapping behind. */
#include "../check.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap(base + PAGE, PAGE));
  base[0] = 'a', base[2 * PAGE] = 'c';
  MAPS(mremap(base + 1, PAGE, PAGE, 0));
  MAPS(mremap(base, PAGE, 0, 0));
  MAPS(mremap(base, PAGE, PAGE, 8));
  MAPS(mremap(base + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  MAPS(mremap(base, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
  WORKS(syscall(SYS_mremap, base, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 1L << 47));
  MAPS(mremap(base, PAGE, PAGE, MREMAP_DONTUNMAP));
  MAPS(mremap(base, PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE));
  char *moved = MAPS(mremap(base, PAGE, PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE));
  SHOW(moved[0]);
  SHOW(base[0]);
  base[0] = 'x';
  SHOW(moved[0]);
}
