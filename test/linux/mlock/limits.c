/* mlock(2), mlock2(2), munlock(2), mlockall(2): errors and RLIMIT_MEMLOCK; a locked page is resident. */
#include "../check.h"
#include <sys/resource.h>

int main(void) {
  unsigned char there[4];
  char *base = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  struct rlimit limit = {4 * PAGE, 4 * PAGE};
  MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
  SHOW(mlock(base, 3 * PAGE));
  MUST(mincore(base, 4 * PAGE, there));
  say("%d%d%d\n", there[0], there[1], there[2]);
  SHOW(mlock(base + PAGE + 1, PAGE));
  SHOW(munlock(base, 2 * PAGE));
  SHOW(mlock(base, 8 * PAGE));
  SHOW(mlock(base, 5 * PAGE));
  MUST(munmap(base + 3 * PAGE, PAGE));
  SHOW(mlock(base + 2 * PAGE, 2 * PAGE));
  SHOW(munlock(base + 2 * PAGE, 2 * PAGE));
  SHOW(syscall(SYS_mlock2, base, PAGE, 1));
  SHOW(syscall(SYS_mlock2, base, PAGE, 2));
  SHOW(mlockall(0));
  SHOW(mlockall(MCL_CURRENT | 8));
  SHOW(mlockall(MCL_ONFAULT));
  SHOW(mlockall(MCL_FUTURE));
  MAPS(mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  SHOW(munlockall());
  MAPS(mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  limit.rlim_cur = 0;
  MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
  SHOW(mlock(base, PAGE));
}
