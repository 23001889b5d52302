/* sigsuspend(2): waits with another mask, the handler runs with it, and the old mask is back afterwards. */
#include "../check.h"

static volatile sig_atomic_t got;
static void handler(int number) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  got = number;
  say("%s, USR1 %d, USR2 %d\n", signal_name(number), sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
}

int main(void) {
  sigset_t blocked, empty, now;
  sigemptyset(&blocked);
  sigemptyset(&empty);
  sigaddset(&blocked, SIGUSR1);
  signal(SIGUSR1, handler);
  signal(SIGUSR2, handler);
  MUST(sigprocmask(SIG_BLOCK, &blocked, NULL));
  raise(SIGUSR1);
  SHOW(got);
  SHOW(sigsuspend(&empty));
  MUST(sigprocmask(SIG_BLOCK, NULL, &now));
  SHOW(sigismember(&now, SIGUSR1));
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    kill(getppid(), SIGUSR1);
    let_it_sleep();
    kill(getppid(), SIGUSR2);
    _exit(0);
  }
  SHOW(sigsuspend(&blocked));
  SHOW(got == SIGUSR2);
  MUST(sigpending(&now));
  SHOW(sigismember(&now, SIGUSR1));
  MUST(waitpid(child, NULL, 0));
  SHOW(syscall(SYS_rt_sigsuspend, 8, 8));
  SHOW(syscall(SYS_rt_sigsuspend, &empty, 4));
}
