/* munmap(2), ERRORS: unaligned, empty, beyond user space; a length need not be a multiple of the page size. */
#include "../check.h"

int main(void) {
  volatile char *base = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  SHOW(munmap((char *)base + 1, PAGE));
  SHOW(munmap((char *)base, 0));
  SHOW(syscall(SYS_munmap, 1L << 47, PAGE));
  SHOW(syscall(SYS_munmap, base, 1L << 47));
  SHOW(syscall(SYS_munmap, base, -1L));
  SHOW(syscall(SYS_munmap, -PAGE, PAGE));
  SHOW(munmap((char *)base, PAGE + 1));
  FAULT(base, (void)base[PAGE]);
  FAULT(base, (void)base[2 * PAGE]);
}
