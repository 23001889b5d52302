/* mprotect(2), ERRORS: unaligned, holes (what is before the hole has changed), and writing to what was opened for reading. */
#include "../check.h"

/* musl's rounds its arguments. */
#define mprotect(addr, length, prot) syscall(SYS_mprotect, addr, length, prot)

int main(void) {
  scratch();
  volatile char *base = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  SHOW(mprotect((char *)base + 1, PAGE, PROT_READ));
  SHOW(mprotect((char *)base, PAGE, 0x40));
  SHOW(mprotect((char *)base, 0, PROT_READ));
  SHOW(syscall(SYS_mprotect, base, -PAGE, PROT_READ));
  SHOW(mprotect((char *)base, PAGE, PROT_READ | PROT_GROWSUP | PROT_GROWSDOWN));
  SHOW(mprotect((char *)base, PAGE, PROT_READ | PROT_GROWSDOWN));
  base[0] = 1;
  MUST(munmap((char *)base + 2 * PAGE, PAGE));
  SHOW(mprotect((char *)base, 4 * PAGE, PROT_READ));
  FAULT(base, base[0] = 1);
  FAULT(base, base[PAGE] = 1);
  FAULT(base, base[3 * PAGE] = 1);
  SHOW(mprotect((char *)base + 2 * PAGE, PAGE, PROT_READ));
  close(file_of_pages("data", 1));
  int fd = MUST(open("data", O_RDONLY));
  char *shared = MUST_MAP(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
  char *private = MUST_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
  SHOW(mprotect(shared, PAGE, RW));
  SHOW(mprotect(shared, PAGE, PROT_NONE));
  SHOW(mprotect(private, PAGE, RW));
}
