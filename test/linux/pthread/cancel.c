/* pthread_cancel(3): at a cancellation point, with cleanup handlers in reverse order; disabled, and then not at all. */
#include "../check.h"

static Gate ready;
static void cleanup(void *text) { say("cleanup %s\n", (char *)text); }

static void *sleeps(void *unused) {
  pthread_cleanup_push(cleanup, "outer");
  pthread_cleanup_push(cleanup, "inner");
  gate_open(ready);
  for (;;) sleep(100);
  pthread_cleanup_pop(1);
  pthread_cleanup_pop(1);
  return unused;
}

static void *refuses(void *unused) {
  int old;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
  gate_open(ready);
  sleep_ms(50);
  say("not cancelled yet\n");
  pthread_setcancelstate(old, NULL);
  pthread_testcancel();
  say("not reached\n");
  return unused;
}

static void *pops(void *unused) {
  pthread_cleanup_push(cleanup, "popped");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(cleanup, "at exit");
  pthread_exit((void *)7);
  pthread_cleanup_pop(0);
  return unused;
}

int main(void) {
  pthread_t thread;
  void *result;
  ready = gate_new();
  void *(*const cancelled[])(void *) = {sleeps, refuses};
  for (unsigned i = 0; i < COUNT(cancelled); i++) {
    pthread_create(&thread, NULL, cancelled[i], NULL);
    gate_pass(ready);
    int error = pthread_cancel(thread);
    pthread_join(thread, &result);
    SHOW(error);
    IS(result == PTHREAD_CANCELED);
  }
  pthread_create(&thread, NULL, pops, NULL);
  pthread_join(thread, &result);
  SHOW((long)result);
}
