/* futex(2), FUTEX_WAIT and FUTEX_WAKE: a value that differs, a time that is up, and as many woken as were asked for. */
#include "../check.h"
#include "futex.h"

static int word;
static volatile int woken;

static void *waiter(void *gate) {
  gate_open(*(Gate *)gate);
  while (futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) == -1 && errno == EINTR)
    ;
  __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  struct timespec time = {0, 20000000}, bad = {0, -1};
  SHOW(futex(&word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
  long before = now_ms();
  SHOW(futex(&word, FUTEX_WAIT_PRIVATE, 0, &time, NULL, 0));
  IS(now_ms() - before >= 19);
  SHOW(futex(&word, FUTEX_WAIT_PRIVATE, 0, &bad, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
  pthread_t threads[5];
  Gate gate = gate_new();
  for (int i = 0; i < 5; i++) pthread_create(&threads[i], NULL, waiter, &gate);
  for (int i = 0; i < 5; i++) gate_pass(gate);
  let_it_sleep();
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
  SHOW(reaches(&woken, 2));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
  for (int i = 0; i < 5; i++) pthread_join(threads[i], NULL);
  SHOW(woken);
}
