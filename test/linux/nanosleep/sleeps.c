/* nanosleep(2), clock_nanosleep(2): relative and absolute, at least as long as asked for, errors. */
#include "../check.h"

int main(void) {
  struct timespec time = {0, 20000000}, left = {5, 5};
  long before = now_ms();
  SHOW(nanosleep(&time, &left));
  IS(now_ms() - before >= 20);
  SHOW(left.tv_sec);
  time.tv_nsec = 1000000000;
  SHOW(nanosleep(&time, NULL));
  time = (struct timespec){-1, 0};
  SHOW(nanosleep(&time, NULL));
  SHOW(syscall(SYS_nanosleep, 8, NULL));
  time = (struct timespec){0, 0};
  SHOW(nanosleep(&time, NULL));
  SHOW_ERROR(clock_nanosleep(CLOCK_REALTIME, 0, &time, NULL));
  MUST(clock_gettime(CLOCK_MONOTONIC, &time));
  time.tv_nsec += 30000000;
  if (time.tv_nsec >= 1000000000) time.tv_sec++, time.tv_nsec -= 1000000000;
  before = now_ms();
  SHOW_ERROR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
  IS(now_ms() - before >= 29);
  SHOW_ERROR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL));
  SHOW(syscall(SYS_clock_nanosleep, 77, 0, &time, NULL));
  SHOW(sleep(0));
  SHOW(usleep(1000));
}
