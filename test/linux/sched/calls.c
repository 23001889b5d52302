/* sched(7): the policy and affinity of an ordinary process; sched_yield(2) lets another one run. */
#include "../check.h"

int main(void) {
  struct sched_param parameter = {7};
  SHOW(syscall(SYS_sched_getscheduler, 0));
  SHOW(syscall(SYS_sched_getparam, 0, &parameter));
  SHOW(parameter.sched_priority);
  SHOW(syscall(SYS_sched_get_priority_max, 1 /* SCHED_FIFO */));
  SHOW(syscall(SYS_sched_get_priority_min, 1));
  SHOW(syscall(SYS_sched_get_priority_max, 0 /* SCHED_OTHER */));
  SHOW(syscall(SYS_sched_get_priority_max, 77));
  parameter.sched_priority = 1;
  SHOW(syscall(SYS_sched_setscheduler, 0, 1, &parameter));
  SHOW(syscall(SYS_sched_setscheduler, 0, 0, &parameter));
  parameter.sched_priority = 0;
  SHOW(syscall(SYS_sched_setscheduler, 0, 0, &parameter));
  SHOW(syscall(SYS_sched_getscheduler, -1));
  unsigned long set[16] = {0};
  IS(syscall(SYS_sched_getaffinity, 0, sizeof set, set) >= 8);
  IS(set[0] != 0);
  SHOW(syscall(SYS_sched_getaffinity, 0, 1, set));
  SHOW(syscall(SYS_sched_setaffinity, 0, sizeof set, set));
  memset(set, 0, sizeof set);
  SHOW(syscall(SYS_sched_setaffinity, 0, sizeof set, set));
  SHOW(sched_yield());
  volatile int *flag = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  IN_CHILD("child") *flag = 1;
  while (!*flag) sched_yield();
}
