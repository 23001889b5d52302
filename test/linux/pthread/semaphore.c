/* sem_wait(3): counting, trying, waiting for a time; between processes; by name. */
#include "../check.h"
#include <semaphore.h>

#define TRY(call) (errno = 0, show_result(#call, (call), true))

int main(void) {
  sem_t *semaphore = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int value;
  TRY(sem_init(semaphore, 1, 2));
  TRY(sem_wait(semaphore));
  TRY(sem_trywait(semaphore));
  TRY(sem_trywait(semaphore));
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  TRY(sem_timedwait(semaphore, &time));
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    sem_post(semaphore);
    _exit(0);
  }
  TRY(sem_wait(semaphore));
  MUST(waitpid(child, NULL, 0));
  TRY(sem_post(semaphore));
  TRY(sem_getvalue(semaphore, &value));
  SHOW(value);
  char name[32];
  snprintf(name, sizeof name, "/pml4-%d", getpid());
  IS(sem_open(name, 0) == SEM_FAILED && errno == ENOENT);
  sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
  IS(named != SEM_FAILED);
  IN_CHILD("child") {
    sem_t *same = sem_open(name, 0);
    TRY(sem_trywait(same));
    TRY(sem_trywait(same));
  }
  TRY(sem_getvalue(named, &value));
  SHOW(value);
  TRY(sem_close(named));
  TRY(sem_unlink(name));
  TRY(sem_unlink(name));
}
