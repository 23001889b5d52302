/* timer_create(2) and relatives: signals with a value, SIGEV_NONE, absolute times, overruns, errors. */
#include "../check.h"

static volatile sig_atomic_t count, value, code;
static void handler(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  count++, value = info->si_value.sival_int, code = info->si_code;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGRTMIN, &action, NULL));
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
  timer_t timer, other;
  struct itimerspec spec = {{0, 5000000}, {0, 5000000}}, now;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  SHOW(timer_gettime(timer, &now));
  SHOW(now.it_value.tv_nsec);
  SHOW(timer_settime(timer, 0, &spec, &now));
  while (count < 3) pause();
  SHOW(value);
  IS(code == SI_TIMER);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  sleep_ms(60);
  MUST(sigprocmask(SIG_UNBLOCK, &set, NULL));
  IS(timer_getoverrun(timer) >= 5);
  SHOW(timer_delete(timer));
  SHOW(syscall(SYS_timer_delete, 12345));
  event.sigev_notify = SIGEV_NONE;
  SHOW(timer_create(CLOCK_REALTIME, &event, &other));
  spec = (struct itimerspec){{0, 0}, {100, 0}};
  SHOW(timer_settime(other, 0, &spec, NULL));
  SHOW(timer_gettime(other, &now));
  IS(now.it_value.tv_sec == 99 || now.it_value.tv_sec == 100);
  MUST(clock_gettime(CLOCK_REALTIME, &spec.it_value));
  spec.it_value.tv_sec += 50;
  SHOW(timer_settime(other, TIMER_ABSTIME, &spec, &now));
  SHOW(timer_gettime(other, &now));
  IS(now.it_value.tv_sec == 49 || now.it_value.tv_sec == 50);
  spec.it_value.tv_nsec = -1;
  SHOW(timer_settime(other, 0, &spec, NULL));
  SHOW(timer_delete(other));
  event.sigev_signo = 99, event.sigev_notify = SIGEV_SIGNAL;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer));
  SHOW(syscall(SYS_timer_create, 55, NULL, &timer));
}
