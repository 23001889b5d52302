/* pthread_barrier_wait(3): nobody goes on before all are there, and one of them is told so, round after round. */
#include "../check.h"

enum { THREADS = 5, ROUNDS = 20 };
static pthread_barrier_t barrier;
static int arrived[ROUNDS], serial, early;

static void *body(void *unused) {
  for (int round = 0; round < ROUNDS; round++) {
    __atomic_add_fetch(&arrived[round], 1, __ATOMIC_SEQ_CST);
    int result = pthread_barrier_wait(&barrier);
    if (__atomic_load_n(&arrived[round], __ATOMIC_SEQ_CST) != THREADS) early++;
    if (result == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
    else if (result != 0) say("%s\n", error_name(result));
  }
  return unused;
}

int main(void) {
  pthread_t threads[THREADS];
  SHOW_ERROR(pthread_barrier_init(&barrier, NULL, 0));
  SHOW_ERROR(pthread_barrier_init(&barrier, NULL, THREADS));
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, body, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  SHOW(serial);
  SHOW(early);
  SHOW_ERROR(pthread_barrier_destroy(&barrier));
}
