/* alarm(2), setitimer(2), getitimer(2): they replace each other, repeat, and give what was left. */
#include "../check.h"
#include <sys/time.h>

static volatile sig_atomic_t count, last;
static void handler(int number) { count++, last = number; }

int main(void) {
  signal(SIGALRM, handler);
  signal(SIGVTALRM, handler);
  signal(SIGPROF, handler);
  SHOW(alarm(100));
  IS(alarm(1) >= 99);
  struct itimerval timer = {{0, 10000}, {0, 10000}}, old;
  SHOW(setitimer(ITIMER_REAL, &timer, &old));
  IS(old.it_value.tv_sec == 0 && old.it_value.tv_usec > 500000);
  while (count < 3) pause();
  SHOW(last);
  SHOW(getitimer(ITIMER_REAL, &old));
  IS(old.it_interval.tv_usec == 10000 && old.it_value.tv_usec <= 10000);
  timer = (struct itimerval){{0, 0}, {0, 0}};
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  count = 0;
  sleep_ms(30);
  SHOW(count);
  timer.it_value.tv_usec = 20000;
  SHOW(setitimer(ITIMER_VIRTUAL, &timer, NULL));
  while (count == 0)
    ;
  IS(last == SIGVTALRM);
  SHOW(setitimer(ITIMER_PROF, &timer, NULL));
  while (count == 1)
    ;
  IS(last == SIGPROF);
  timer.it_value.tv_usec = 1000000;
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  SHOW(setitimer(3, &timer, NULL));
  SHOW(syscall(SYS_getitimer, ITIMER_REAL, 8));
  SHOW(alarm(0));
}
