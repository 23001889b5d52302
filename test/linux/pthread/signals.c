/* Signals and threads: pthread_kill(3) reaches one thread, a process's signal any that does not block it; masks are per thread. */
#include "../check.h"

static pthread_t threads[3];
static volatile sig_atomic_t where = -1;

static void handler(int number) {
  (void)number;
  for (int i = 0; i < 3; i++)
    if (pthread_equal(pthread_self(), threads[i])) where = i;
}

static Gate gates[3];
static Gate ready;

static void *body(void *argument) {
  long i = (long)argument;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  if (i != 1) pthread_sigmask(SIG_BLOCK, &set, NULL);
  gate_open(ready);
  gate_pass(gates[i]);
  return argument;
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  signal(SIGUSR1, handler);
  signal(SIGUSR2, handler);
  ready = gate_new();
  for (long i = 0; i < 3; i++) {
    gates[i] = gate_new();
    pthread_create(&threads[i], NULL, body, (void *)i);
  }
  for (int i = 0; i < 3; i++) gate_pass(ready);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  for (int i = 2; i >= 0; i--) {
    where = -1;
    SHOW_ERROR(pthread_kill(threads[i], SIGUSR1));
    while (where < 0) sleep_ms(1);
    SHOW(where);
  }
  where = -1;
  SHOW(kill(getpid(), SIGUSR2));
  while (where < 0) sleep_ms(1);
  SHOW(where);
  for (int i = 0; i < 3; i++) gate_open(gates[i]);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
}
