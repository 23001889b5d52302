/* madvise(2), ERRORS, and advice that changes nothing that a program could see. */
#include "../check.h"

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  memset(base, 'x', 3 * PAGE);
  SHOW(madvise(base + 1, PAGE, MADV_NORMAL));
  SHOW(madvise(base, PAGE, 77));
  SHOW(syscall(SYS_madvise, base, -PAGE, MADV_NORMAL));
  SHOW(madvise(base, 0, MADV_DONTNEED));
  SHOW(madvise(base, PAGE, MADV_NORMAL));
  SHOW(madvise(base, PAGE, MADV_RANDOM));
  SHOW(madvise(base, PAGE, MADV_SEQUENTIAL));
  SHOW(madvise(base, PAGE, MADV_DONTDUMP));
  SHOW(madvise(base, PAGE, MADV_DODUMP));
  SHOW(madvise(base, PAGE, MADV_REMOVE));
  SHOW(base[0]);
  MUST(munmap(base + PAGE, PAGE));
  SHOW(madvise(base, 3 * PAGE, MADV_DONTNEED));
  say("%d %d\n", base[0], base[2 * PAGE]);
  SHOW(madvise(base + PAGE, PAGE, MADV_NORMAL));
}
