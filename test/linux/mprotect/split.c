/* mprotect(2): changing the middle leaves the ends; contents survive PROT_NONE; copy-on-write still breaks afterwards. */
#include "../check.h"

int main(void) {
  volatile char *base = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < 3; i++) base[i * PAGE] = 'a' + i;
  char *middle = (char *)base + PAGE;
  SHOW(mprotect(middle, 1, PROT_READ));
  FAULT(base, base[PAGE] = 'x');
  FAULT(base, base[0] = 'x');
  FAULT(base, base[2 * PAGE] = 'x');
  SHOW(mprotect(middle, PAGE, PROT_NONE));
  FAULT(base, (void)base[PAGE]);
  SHOW(mprotect(middle, PAGE, RW));
  SHOW(base[PAGE]);
  IN_CHILD("child") {
    SHOW(mprotect((char *)base, 3 * PAGE, PROT_READ));
    FAULT(base, base[0] = 'c');
    SHOW(mprotect((char *)base, 3 * PAGE, RW));
    base[0] = 'c';
    SHOW(base[0]);
  }
  SHOW(base[0]);
}
