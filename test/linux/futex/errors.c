/* futex(2), ERRORS: alignment, addresses, timeouts, operations. */
#include "../check.h"
#include "futex.h"

int main(void) {
  static int words[4];
  struct timespec time = {0, 1000000000};
  SHOW(futex((int *)((char *)words + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
  SHOW(futex((int *)((char *)words + 2), FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(futex((int *)8, FUTEX_WAIT, 0, NULL, NULL, 0));
  SHOW(futex((int *)8, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
  SHOW(futex((int *)8, FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(futex((int *)8, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW(futex(words, FUTEX_WAIT, 0, &time, NULL, 0));
  SHOW(futex(words, FUTEX_WAIT, 0, (void *)8, NULL, 0));
  SHOW(futex(words, 77, 0, NULL, NULL, 0));
  SHOW(futex(words, FUTEX_FD, 0, NULL, NULL, 0));
  SHOW(futex(words, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
  SHOW(futex(words, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
  SHOW(futex(words, FUTEX_CMP_REQUEUE, 1, (void *)1, words + 1, 5));
  SHOW(futex(words, FUTEX_CMP_REQUEUE, -1, (void *)1, words + 1, 0));
  SHOW(futex(words, FUTEX_REQUEUE, 1, (void *)1, (int *)8, 0));
  SHOW(futex(words, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  int *page = MUST_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  time.tv_nsec = 1000;
  SHOW(futex(page, FUTEX_WAIT_PRIVATE, 0, &time, NULL, 0));
  SHOW(futex(page, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
}
