/* pthread_once(3), thread-specific data with destructors, and thread-local variables. */
#include "../check.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static __thread int local = 5;
static __thread char zeroed[64];
static int made, destroyed;

static void destructor(void *value) {
  __atomic_add_fetch(&destroyed, (int)(long)value, __ATOMIC_SEQ_CST);
  /* A value that is set again is destroyed again. */
  if ((long)value < 10) pthread_setspecific(key, (void *)100);
}
static void make(void) {
  made++;
  pthread_key_create(&key, destructor);
}

static void *body(void *argument) {
  pthread_once(&once, make);
  pthread_setspecific(key, argument);
  local += (int)(long)argument;
  memset(zeroed, 'x', sizeof zeroed);
  sched_yield();
  return (void *)(long)(local * 1000 + (int)(long)pthread_getspecific(key));
}

int main(void) {
  pthread_t threads[4];
  void *result;
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, body, (void *)(i + 1));
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], &result);
    SHOW((long)result);
  }
  SHOW(made);
  SHOW(destroyed);
  SHOW(local);
  SHOW(zeroed[5]);
  IS(pthread_getspecific(key) == NULL);
  SHOW_ERROR(pthread_key_delete(key));
  IN_CHILD("child") SHOW(local);
}
