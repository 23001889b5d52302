/* wait4(2): resource usage of a child that has ended; getrusage(2) of children counts those that were waited for. */
#include "../check.h"
#include <sys/resource.h>

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

int main(void) {
  struct rusage usage, before, after;
  int status;
  MUST(getrusage(RUSAGE_CHILDREN, &before));
  SHOW(before.ru_utime.tv_sec);
  pid_t child = MUST(fork());
  if (child == 0) {
    for (volatile long i = 0; i < 20000000; i++)
      ;
    _exit(1);
  }
  IS(wait4(child, &status, 0, &usage) == child);
  say_status("child", status);
  IS(seconds(usage.ru_utime) + seconds(usage.ru_stime) > 0.001);
  MUST(getrusage(RUSAGE_CHILDREN, &after));
  IS(seconds(after.ru_utime) >= seconds(usage.ru_utime));
  IS(usage.ru_minflt > 0);
  SHOW(getrusage(RUSAGE_SELF, &usage));
  SHOW(getrusage(1, &usage));
  SHOW(getrusage(77, &usage));
  SHOW(getrusage(RUSAGE_SELF, (void *)8));
}
