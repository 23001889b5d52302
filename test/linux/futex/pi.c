/* futex(2), priority inheritance: FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI; the word holds the owner's number. */
#include "../check.h"
#include "futex.h"

static int word;
static Gate locked, unlock;

static void *holder(void *unused) {
  SHOW(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  IS((word & FUTEX_TID_MASK) == syscall(SYS_gettid));
  gate_open(locked);
  gate_pass(unlock);
  SHOW(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  return unused;
}

int main(void) {
  int self = syscall(SYS_gettid);
  locked = gate_new(), unlock = gate_new();
  SHOW(futex(&word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  IS(word == self);
  SHOW(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  SHOW(word);
  pthread_t thread;
  pthread_create(&thread, NULL, holder, NULL);
  gate_pass(locked);
  SHOW(futex(&word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  struct timespec time;
  MUST(clock_gettime(CLOCK_REALTIME, &time));
  SHOW(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, &time, NULL, 0));
  gate_open(unlock);
  /* It is ours when the call returns, whether we slept or not. */
  long result = futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
  pthread_join(thread, NULL);
  SHOW(result);
  IS((word & FUTEX_TID_MASK) == self);
  word = 0x3fffffff;
  SHOW(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
}
