/* 64 threads on one mutex, and a condition that all of them wait for: no count is lost, and everybody comes home. */
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 64, TURNS = 200 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
static int here;
static long counter;

static void *count(void *arg) {
  pthread_mutex_lock(&mutex);
  if (++here == THREADS) pthread_cond_broadcast(&all_here);
  while (here < THREADS) pthread_cond_wait(&all_here, &mutex);
  pthread_mutex_unlock(&mutex);
  for (int turn = 0; turn < TURNS; turn++) {
    pthread_mutex_lock(&mutex);
    long before = counter;
    for (volatile int i = 0; i < 50; i++) {}
    counter = before + 1;
    pthread_mutex_unlock(&mutex);
  }
  return arg;
}

int main(void) {
  pthread_t threads[THREADS];
  long sum = 0;
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count, (void *)i);
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("%d threads, counter %ld, sum %ld\n", here, counter, sum);
  return counter == THREADS * TURNS ? 0 : 1;
}
