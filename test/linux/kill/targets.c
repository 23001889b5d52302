/* kill(2), tgkill(2): errors, signal 0, groups, and a signal to oneself arrives before the call returns. */
#include "../check.h"

static volatile sig_atomic_t count;
static void handler(int number) { (void)number, count++; }

int main(void) {
  signal(SIGUSR1, handler);
  SHOW(kill(getpid(), 0));
  SHOW(kill(getpid(), 65));
  SHOW(kill(getpid(), -1));
  SHOW(kill(0x3fffffff, 0));
  SHOW(kill(-0x3fffffff, SIGTERM));
  SHOW(kill(getpid(), SIGUSR1));
  SHOW(count);
  SHOW(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
  SHOW(count);
  SHOW(syscall(SYS_tgkill, getppid(), getpid(), SIGUSR1));
  SHOW(syscall(SYS_tgkill, -1, getpid(), SIGUSR1));
  SHOW(syscall(SYS_tkill, 0, SIGUSR1));
  SHOW(syscall(SYS_tkill, getpid(), 65));
  pid_t zombie = MUST(fork());
  if (zombie == 0) _exit(0);
  let_it_sleep();
  SHOW(kill(zombie, SIGKILL));
  MUST(waitpid(zombie, NULL, 0));
  SHOW(kill(zombie, 0));
  IN_CHILD("group") {
    MUST(setpgid(0, 0));
    for (int i = 0; i < 3; i++)
      if (MUST(fork()) == 0)
        for (;;) pause();
    signal(SIGTERM, SIG_IGN);
    SHOW(kill(0, SIGTERM));
    for (int i = 0, status; i < 3; i++) wait(&status), say_status("member", status);
  }
}
