/* futex(2), FUTEX_WAIT_BITSET and FUTEX_WAKE_BITSET: only who has a bit in common is woken; the timeout is absolute. */
#include "../check.h"
#include "futex.h"

static int word;
static volatile int woken;

static void *waiter(void *bits) {
  MUST(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (int)(long)bits));
  __atomic_or_fetch(&woken, (int)(long)bits, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  pthread_t threads[3];
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], NULL, waiter, (void *)(1L << i));
  let_it_sleep();
  SHOW(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 2));
  SHOW(reaches(&woken, 2));
  SHOW(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 8));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  SHOW(woken);
  struct timespec time;
  MUST(clock_gettime(CLOCK_MONOTONIC, &time));
  SHOW(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &time, NULL, -1));
  MUST(clock_gettime(CLOCK_REALTIME, &time));
  SHOW(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &time, NULL, -1));
  SHOW(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, &time, NULL, -1));
}
