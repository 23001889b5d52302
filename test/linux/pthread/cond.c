/* pthread_cond_wait(3): a bounded buffer between producers and consumers; broadcast; the time that is up. */
#include "../check.h"

enum { ITEMS = 2000, ROOM = 8 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int buffer[ROOM], used, taken;
static long sum;

static void *produce(void *start) {
  for (int i = 0; i < ITEMS; i++) {
    pthread_mutex_lock(&mutex);
    while (used == ROOM) pthread_cond_wait(&not_full, &mutex);
    buffer[used++] = i + (int)(long)start;
    pthread_cond_signal(&not_empty);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void *consume(void *unused) {
  for (;;) {
    pthread_mutex_lock(&mutex);
    while (used == 0 && taken < 2 * ITEMS) pthread_cond_wait(&not_empty, &mutex);
    if (taken == 2 * ITEMS) break;
    sum += buffer[--used];
    if (++taken == 2 * ITEMS) pthread_cond_broadcast(&not_empty);
    pthread_cond_signal(&not_full);
    pthread_mutex_unlock(&mutex);
  }
  pthread_mutex_unlock(&mutex);
  return unused;
}

int main(void) {
  pthread_t threads[5];
  pthread_create(&threads[0], NULL, produce, (void *)0);
  pthread_create(&threads[1], NULL, produce, (void *)10000);
  for (int i = 2; i < 5; i++) pthread_create(&threads[i], NULL, consume, NULL);
  for (int i = 0; i < 5; i++) pthread_join(threads[i], NULL);
  SHOW(taken);
  SHOW(sum);
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  pthread_mutex_lock(&mutex);
  SHOW_ERROR(pthread_cond_timedwait(&not_full, &mutex, &time));
  pthread_condattr_t attributes;
  pthread_cond_t steady;
  pthread_condattr_init(&attributes);
  SHOW_ERROR(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
  pthread_cond_init(&steady, &attributes);
  clock_gettime(CLOCK_MONOTONIC, &time);
  long before = now_ms();
  time.tv_sec += (time.tv_nsec + 30000000) / 1000000000;
  time.tv_nsec = (time.tv_nsec + 30000000) % 1000000000;
  SHOW_ERROR(pthread_cond_timedwait(&steady, &mutex, &time));
  IS(now_ms() - before >= 29);
  SHOW_ERROR(pthread_mutex_unlock(&mutex));
}
