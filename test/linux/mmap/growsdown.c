/* mmap(2), MAP_GROWSDOWN: a touch just below the mapping extends it; far below the guard gap nothing grows. */
#include "../check.h"

int main(void) {
  char *space = MUST_MAP(mmap(NULL, 2048 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap(space, 2048 * PAGE));
  volatile char *stack = space + 2000 * PAGE;
  MAPS(mmap((char *)stack, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0));
  stack[0] = 1;
  FAULT(stack, stack[-1] = 2);
  FAULT(stack, stack[-3 * PAGE] = 3);
  SHOW(stack[-1]);
  SHOW(stack[-2 * PAGE]);
  SHOW(stack[-3 * PAGE]);
  MAPS(mmap((char *)stack - 200 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  FAULT(stack, stack[-4 * PAGE] = 4);
  SHOW(munmap((char *)stack - 4 * PAGE, 5 * PAGE));
  FAULT(stack, (void)stack[0]);
}
