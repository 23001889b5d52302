/* pthread_mutex_lock(3): a counter of several threads is right; normal, recursive and error-checking mutexes. */
#include "../check.h"

enum { THREADS = 4, TURNS = 5000 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile long counter;

static void *body(void *unused) {
  for (int i = 0; i < TURNS; i++) {
    pthread_mutex_lock(&mutex);
    counter++;
    if (i % 1000 == 0) sched_yield();
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}

static void *try(void *other) {
  SHOW_ERROR(pthread_mutex_trylock(other));
  SHOW_ERROR(pthread_mutex_unlock(other));
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec = (time.tv_nsec + 20000000) % 1000000000;
  time.tv_sec += time.tv_nsec < 20000000;
  SHOW_ERROR(pthread_mutex_timedlock(other, &time));
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, body, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  SHOW(counter);
  pthread_mutexattr_t attributes;
  pthread_mutex_t recursive, checking;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&recursive, &attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&checking, &attributes);
  SHOW_ERROR(pthread_mutex_lock(&recursive));
  SHOW_ERROR(pthread_mutex_lock(&recursive));
  SHOW_ERROR(pthread_mutex_unlock(&recursive));
  SHOW_ERROR(pthread_mutex_unlock(&recursive));
  SHOW_ERROR(pthread_mutex_unlock(&recursive));
  SHOW_ERROR(pthread_mutex_lock(&checking));
  SHOW_ERROR(pthread_mutex_lock(&checking));
  SHOW_ERROR(pthread_mutex_trylock(&checking));
  pthread_create(&threads[0], NULL, try, &checking);
  pthread_join(threads[0], NULL);
  SHOW_ERROR(pthread_mutex_unlock(&checking));
  SHOW_ERROR(pthread_mutex_destroy(&checking));
}
