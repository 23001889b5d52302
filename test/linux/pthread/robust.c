/* Robust mutexes between processes: EOWNERDEAD after the owner's death, consistent again, or ENOTRECOVERABLE. */
#include "../check.h"

int main(void) {
  pthread_mutex_t *mutexes = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  for (int i = 0; i < 3; i++) pthread_mutex_init(&mutexes[i], &attributes);
  IN_CHILD("owner") for (int i = 0; i < 2; i++) pthread_mutex_lock(&mutexes[i]);
  SHOW_ERROR(pthread_mutex_lock(&mutexes[0]));
  SHOW_ERROR(pthread_mutex_consistent(&mutexes[0]));
  SHOW_ERROR(pthread_mutex_unlock(&mutexes[0]));
  SHOW_ERROR(pthread_mutex_lock(&mutexes[0]));
  SHOW_ERROR(pthread_mutex_unlock(&mutexes[0]));
  SHOW_ERROR(pthread_mutex_trylock(&mutexes[1]));
  SHOW_ERROR(pthread_mutex_unlock(&mutexes[1]));
  SHOW_ERROR(pthread_mutex_lock(&mutexes[1]));
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    pthread_mutex_lock(&mutexes[2]);
    gate_open(gate);
    for (;;) pause();
  }
  gate_pass(gate);
  SHOW_ERROR(pthread_mutex_trylock(&mutexes[2]));
  pid_t killer = MUST(fork());
  if (killer == 0) {
    let_it_sleep();
    kill(child, SIGKILL);
    _exit(0);
  }
  SHOW_ERROR(pthread_mutex_lock(&mutexes[2]));
  MUST(waitpid(child, NULL, 0));
  MUST(waitpid(killer, NULL, 0));
}
