/* sigprocmask(2), sigpending(2): an ordinary signal is pending once, real-time signals queue in order; which comes first. */
#include "../check.h"

static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s%+d value %d\n", number >= SIGRTMIN ? "SIGRTMIN" : signal_name(number), number >= SIGRTMIN ? number - SIGRTMIN : 0,
      info->si_code == SI_QUEUE ? info->si_value.sival_int : -1);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigset_t set, old;
  sigfillset(&action.sa_mask);
  sigfillset(&set);
  SHOW(sigprocmask(SIG_SETMASK, &set, &old));
  MUST(sigprocmask(SIG_BLOCK, NULL, &set));
  SHOW(sigismember(&set, SIGKILL));
  SHOW(sigismember(&set, SIGSTOP));
  SHOW(sigismember(&set, SIGTERM));
  const int numbers[] = {SIGUSR2, SIGUSR1, SIGRTMIN + 2, SIGRTMIN + 1};
  for (unsigned i = 0; i < COUNT(numbers); i++) {
    MUST(sigaction(numbers[i], &action, NULL));
    for (int value = 0; value < 3; value++) MUST(sigqueue(getpid(), numbers[i], (union sigval){.sival_int = value}));
  }
  MUST(sigpending(&set));
  SHOW(sigismember(&set, SIGUSR1));
  SHOW(sigismember(&set, SIGRTMIN + 1));
  SHOW(sigismember(&set, SIGTERM));
  SHOW(sigprocmask(SIG_SETMASK, &old, NULL));
  MUST(sigpending(&set));
  SHOW(sigismember(&set, SIGUSR1));
  SHOW(syscall(SYS_rt_sigprocmask, 3, &old, NULL, 8));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &old, NULL, 7));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8));
}
