/* clock_gettime(2), clock_getres(2), time(2), gettimeofday(2): they agree, go on, and tell of processor time. */
#include "../check.h"
#include <sys/time.h>

static double at(clockid_t clock) {
  struct timespec time;
  MUST(clock_gettime(clock, &time));
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(void) {
  struct timespec time;
  const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
                              CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
  for (unsigned i = 0; i < COUNT(clocks); i++) {
    double before = at(clocks[i]), after = at(clocks[i]);
    say("%d: %s\n", clocks[i], after >= before && before >= 0 ? "goes on" : "goes back");
  }
  SHOW(clock_getres(CLOCK_MONOTONIC, &time));
  say("%ld %ld\n", (long)time.tv_sec, time.tv_nsec);
  SHOW(syscall(SYS_clock_gettime, 77, &time));
  SHOW(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8));
  SHOW(syscall(SYS_clock_getres, 77, NULL));
  SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &time));
  SHOW(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &time));
  struct timeval day;
  MUST(gettimeofday(&day, NULL));
  double difference = at(CLOCK_REALTIME) - (day.tv_sec + day.tv_usec / 1e6);
  IS(difference >= 0 && difference < 1);
  long seconds = syscall(SYS_time, NULL);
  IS(seconds - day.tv_sec >= 0 && seconds - day.tv_sec <= 1);
  IS(seconds > 1600000000);
  double monotonic = at(CLOCK_MONOTONIC), processor = at(CLOCK_PROCESS_CPUTIME_ID);
  sleep_ms(30);
  IS(at(CLOCK_MONOTONIC) - monotonic >= 0.03);
  IS(at(CLOCK_PROCESS_CPUTIME_ID) - processor < 0.02);
  processor = at(CLOCK_THREAD_CPUTIME_ID);
  for (volatile int i = 0; i < 3000000; i++)
    ;
  IS(at(CLOCK_THREAD_CPUTIME_ID) - processor > 0.0005);
}
