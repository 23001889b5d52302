/* mprotect(2) and code: written, made executable, run; changed and run again; not executable, and the jump faults. */
#include "../check.h"

int main(void) {
  unsigned char *page = MUST_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  int (*function)(void) = (int (*)(void))page;
  const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov eax, 42; ret */
  memcpy(page, code, sizeof code);
  FAULT(page, function());
  SHOW(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
  SHOW(function());
  FAULT(page, page[1] = 43);
  SHOW(mprotect(page, PAGE, RW));
  page[1] = 43;
  SHOW(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
  SHOW(function());
  SHOW(mprotect(page, PAGE, RW | PROT_EXEC));
  for (int i = 0; i < 3; i++) page[1] = i, say("function() = %d\n", function());
}
