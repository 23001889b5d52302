/* futex(2), FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: some are woken, others wait at the second word from then on. */
#include "../check.h"
#include "futex.h"

static int words[2];
static volatile int woken;

static void *waiter(void *gate) {
  gate_open(*(Gate *)gate);
  MUST(futex(&words[0], FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
  __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  pthread_t threads[6];
  Gate gate = gate_new();
  for (int i = 0; i < 6; i++) pthread_create(&threads[i], NULL, waiter, &gate);
  for (int i = 0; i < 6; i++) gate_pass(gate);
  let_it_sleep();
  SHOW(futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &words[1], 1));
  SHOW(futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &words[1], 0));
  SHOW(reaches(&woken, 1));
  SHOW(futex(&words[1], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW(reaches(&woken, 2));
  SHOW(futex(&words[0], FUTEX_REQUEUE_PRIVATE, 0, (void *)100, &words[1], 0));
  SHOW(futex(&words[0], FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
  SHOW(futex(&words[1], FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
  for (int i = 0; i < 6; i++) pthread_join(threads[i], NULL);
  SHOW(woken);
}
