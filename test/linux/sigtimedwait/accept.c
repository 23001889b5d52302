/* sigtimedwait(2), sigwaitinfo(2), sigwait(3): take a blocked signal without its handler, with what came along; the timeout. */
#include "../check.h"

static void handler(int number) { say("handler of %s\n", signal_name(number)); }

int main(void) {
  sigset_t set;
  siginfo_t info;
  struct timespec none = {0, 0}, some = {0, 30000000}, bad = {0, 1000000000};
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGRTMIN);
  signal(SIGUSR1, handler);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  SHOW(sigtimedwait(&set, &info, &none));
  long before = now_ms();
  SHOW(sigtimedwait(&set, &info, &some));
  IS(now_ms() - before >= 29);
  SHOW(sigtimedwait(&set, &info, &bad));
  raise(SIGUSR1);
  SHOW(sigtimedwait(&set, &info, &none));
  SHOW(info.si_signo);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6});
  IS(sigwaitinfo(&set, &info) == SIGRTMIN);
  SHOW(info.si_value.sival_int);
  SHOW(info.si_code);
  int number;
  SHOW(sigwait(&set, &number));
  IS(number == SIGRTMIN);
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    kill(getppid(), SIGUSR1);
    _exit(0);
  }
  SHOW(sigwaitinfo(&set, &info));
  IS(info.si_pid == child);
  MUST(waitpid(child, NULL, 0));
}
