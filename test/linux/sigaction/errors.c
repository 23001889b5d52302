/* sigaction(2), ERRORS; SIGKILL and SIGSTOP; what is given back. */
#include "../check.h"

static void handler(int number) { (void)number; }

int main(void) {
  struct sigaction action = {.sa_handler = handler}, old;
  SHOW(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
  SHOW(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
  SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
  SHOW(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8));
  SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 8, 8));
  SHOW(sigaction(SIGKILL, &action, NULL));
  SHOW(sigaction(SIGSTOP, &action, NULL));
  SHOW(sigaction(SIGKILL, NULL, &old));
  IS(old.sa_handler == SIG_DFL);
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaddset(&action.sa_mask, SIGKILL);
  action.sa_flags = SA_RESTART | SA_NODEFER;
  SHOW(sigaction(SIGTERM, &action, NULL));
  SHOW(sigaction(SIGTERM, NULL, &old));
  IS(old.sa_handler == handler);
  IS((old.sa_flags & 0x7bffffff) == (SA_RESTART | SA_NODEFER));
  SHOW(sigismember(&old.sa_mask, SIGUSR2));
  SHOW(sigismember(&old.sa_mask, SIGKILL));
  IS(signal(SIGTERM, SIG_IGN) == handler);
  IS(signal(SIGTERM, SIG_DFL) == SIG_IGN);
}
