/* timerfd_create(2): counts of expirations, blocking and not, absolute times, disarming, errors. */
#include "../check.h"
#include <sys/timerfd.h>

int main(void) {
  uint64_t count = 0;
  int fd = WORKS(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  SHOW(read(fd, &count, sizeof count));
  struct itimerspec spec = {{0, 10000000}, {0, 10000000}}, old;
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
  sleep_ms(35);
  SHOW(read(fd, &count, 4));
  SHOW(read(fd, &count, sizeof count));
  IS(count >= 3);
  struct pollfd poller = {fd, POLLIN, 0};
  SHOW(poll(&poller, 1, 1000));
  SHOW(timerfd_gettime(fd, &old));
  SHOW(old.it_interval.tv_nsec);
  spec = (struct itimerspec){{0, 0}, {0, 0}};
  SHOW(timerfd_settime(fd, 0, &spec, &old));
  SHOW(old.it_interval.tv_nsec);
  SHOW(poll(&poller, 1, 0));
  int blocking = WORKS(timerfd_create(CLOCK_REALTIME, 0));
  MUST(clock_gettime(CLOCK_REALTIME, &spec.it_value));
  spec.it_value.tv_sec -= 5;
  SHOW(timerfd_settime(blocking, TFD_TIMER_ABSTIME, &spec, NULL));
  SHOW(read(blocking, &count, sizeof count));
  SHOW(count);
  spec.it_value = (struct timespec){0, 20000000};
  long before = now_ms();
  SHOW(timerfd_settime(blocking, 0, &spec, NULL));
  SHOW(read(blocking, &count, sizeof count));
  SHOW(count);
  IS(now_ms() - before >= 19);
  SHOW(write(fd, &count, sizeof count));
  SHOW(timerfd_create(77, 0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
  SHOW(timerfd_settime(0, 0, &spec, NULL));
  spec.it_value.tv_nsec = 1000000000;
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
}
