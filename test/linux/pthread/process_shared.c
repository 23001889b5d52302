/* Process-shared mutex, condition variable and barrier: three processes take turns. */
#include "../check.h"

struct shared {
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  pthread_barrier_t barrier;
  int turn, together;
};

int main(void) {
  struct shared *shared = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t mutex;
  pthread_condattr_t cond;
  pthread_barrierattr_t barrier;
  pthread_mutexattr_init(&mutex);
  pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
  pthread_condattr_init(&cond);
  pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
  pthread_barrierattr_init(&barrier);
  pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &mutex);
  pthread_cond_init(&shared->cond, &cond);
  pthread_barrier_init(&shared->barrier, &barrier, 3);
  for (int id = 0; id < 3; id++) {
    if (MUST(fork()) != 0) continue;
    pthread_barrier_wait(&shared->barrier);
    for (int round = 0; round < 4; round++) {
      pthread_mutex_lock(&shared->mutex);
      while (shared->turn % 3 != id) pthread_cond_wait(&shared->cond, &shared->mutex);
      say("process %d, turn %d\n", id, shared->turn++);
      pthread_cond_broadcast(&shared->cond);
      pthread_mutex_unlock(&shared->mutex);
    }
    for (int i = 0; i < 1000; i++) {
      pthread_mutex_lock(&shared->mutex);
      shared->together++;
      pthread_mutex_unlock(&shared->mutex);
    }
    _exit(0);
  }
  for (int i = 0; i < 3; i++) MUST(wait(NULL));
  SHOW(shared->together);
}
