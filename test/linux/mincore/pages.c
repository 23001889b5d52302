/* mincore(2): pages become resident by touching; errors. */
#include "../check.h"

int main(void) {
  unsigned char there[4] = {9, 9, 9, 9};
  char *base = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(madvise(base, 4 * PAGE, MADV_NOHUGEPAGE));
  SHOW(mincore(base, 4 * PAGE, there));
  say("%d%d%d%d\n", there[0], there[1], there[2], there[3]);
  base[0] = base[2 * PAGE] = 1;
  SHOW(mincore(base, 3 * PAGE + 1, there));
  say("%d%d%d%d\n", there[0], there[1], there[2], there[3]);
  MUST(madvise(base, PAGE, MADV_DONTNEED));
  SHOW(mincore(base, PAGE, there));
  SHOW(there[0]);
  SHOW(mincore(base + 1, PAGE, there));
  SHOW(mincore(base, 0, there));
  SHOW(mincore(base, PAGE, (void *)1));
  SHOW(syscall(SYS_mincore, base, 1L << 47, there));
  MUST(munmap(base + PAGE, PAGE));
  SHOW(mincore(base, 3 * PAGE, there));
  char *shared = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  IN_CHILD("child") shared[0] = 1;
  SHOW(mincore(shared, 2 * PAGE, there));
  say("%d%d\n", there[0], there[1]);
}
