/* msync(2), ERRORS: flags that contradict, an unaligned address, a hole (after what is mapped was synchronised), locked pages. */
#include "../check.h"

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  SHOW(msync(base, PAGE, MS_SYNC | MS_ASYNC));
  SHOW(msync(base, PAGE, 0x80));
  SHOW(msync(base + 1, PAGE, MS_SYNC));
  SHOW(msync(base, PAGE, 0));
  SHOW(msync(base, 3 * PAGE, MS_SYNC));
  MUST(munmap(base + PAGE, PAGE));
  SHOW(msync(base, 3 * PAGE, MS_SYNC));
  SHOW(msync(base, 3 * PAGE, MS_ASYNC));
  SHOW(msync(base + PAGE, PAGE, MS_SYNC));
  SHOW(syscall(SYS_msync, base, -PAGE, MS_SYNC));
  MUST(mlock(base, PAGE));
  SHOW(msync(base, PAGE, MS_INVALIDATE));
  SHOW(msync(base, PAGE, MS_SYNC));
}
