/* brk(2): the heap grows, shrinks and grows again empty; a child's heap is its own; RLIMIT_DATA and what is in the way. */
#include "../check.h"
#include <sys/resource.h>

static char *brk_to(void *address) { return (char *)syscall(SYS_brk, address); }

int main(void) {
  char *start = (char *)(((uintptr_t)brk_to(NULL) + PAGE - 1) & -PAGE);
  IS(brk_to(start + 3 * PAGE) == start + 3 * PAGE);
  SHOW(start[2 * PAGE]);
  start[2 * PAGE] = 'h';
  IN_CHILD("child") {
    SHOW(start[2 * PAGE]);
    IS(brk_to(start + 100) == start + 100);
    FAULT(start, (void)*(volatile char *)(start + PAGE));
    FAULT(start, (void)*(volatile char *)(start + 101));
  }
  IS(brk_to(start + PAGE) == start + PAGE);
  FAULT(start, (void)*(volatile char *)(start + 2 * PAGE));
  IS(brk_to(start + 3 * PAGE) == start + 3 * PAGE);
  SHOW(start[2 * PAGE]);
  IS(brk_to((void *)8) == start + 3 * PAGE);
  IS(brk_to((void *)(1L << 47)) == start + 3 * PAGE);
  MUST_MAP(mmap(start + 5 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  IS(brk_to(start + 7 * PAGE) == start + 3 * PAGE);
  MUST(munmap(start + 5 * PAGE, PAGE));
  IS(brk_to(start + 7 * PAGE) == start + 7 * PAGE);
  struct rlimit limit = {PAGE, PAGE};
  MUST(setrlimit(RLIMIT_DATA, &limit));
  IS(brk_to(start + 9 * PAGE) == start + 7 * PAGE);
}
