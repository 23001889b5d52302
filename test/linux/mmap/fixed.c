/* mmap(2), MAP_FIXED replaces what was mapped there, whole or in part; MAP_FIXED_NOREPLACE does not. */
#include "../check.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 5 * PAGE, RW, ANON, -1, 0));
  for (int i = 0; i < 5; i++) base[i * PAGE] = 'a' + i;
  IS(mmap(base + PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == base + PAGE);
  for (int i = 0; i < 5; i++) say("page %d: %d\n", i, base[i * PAGE]);
  MAPS(mmap(base + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  MAPS(mmap(base - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  MUST(munmap(base + 2 * PAGE, PAGE));
  IS(mmap(base + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == base + 2 * PAGE);
  SHOW(base[2 * PAGE]);
  MUST(munmap(base + 3 * PAGE, PAGE));
  IS(mmap(base + 3 * PAGE, 100, PROT_READ, ANON, -1, 0) == base + 3 * PAGE);
  IS(mmap(base + PAGE, PAGE, PROT_READ, ANON, -1, 0) != base + PAGE);
  IS(mmap(base + 4 * PAGE, 1, PROT_NONE, ANON | MAP_FIXED, -1, 0) == base + 4 * PAGE);
  FAULT(base, base[5 * PAGE - 1] = 1);
}
