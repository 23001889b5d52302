/* SIG_IGN and SIG_DFL: a pending signal goes when it is ignored; SIGCHLD ignored, or SA_NOCLDWAIT, leaves no zombies; SA_NOCLDSTOP. */
#include "../check.h"

static volatile sig_atomic_t count;
static void handler(int number) { (void)number, count++; }

int main(void) {
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  raise(SIGUSR1);
  signal(SIGUSR1, SIG_IGN);
  MUST(sigpending(&pending));
  SHOW(sigismember(&pending, SIGUSR1));
  signal(SIGUSR1, handler);
  MUST(sigprocmask(SIG_UNBLOCK, &set, NULL));
  SHOW(count);
  signal(SIGCHLD, SIG_IGN);
  if (MUST(fork()) == 0) _exit(1);
  SHOW(wait(NULL));
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NOCLDWAIT | SA_RESTART};
  MUST(sigaction(SIGCHLD, &action, NULL));
  if (MUST(fork()) == 0) _exit(1);
  SHOW(wait(NULL));
  SHOW(count);
  count = 0;
  action.sa_flags = SA_NOCLDSTOP | SA_RESTART;
  MUST(sigaction(SIGCHLD, &action, NULL));
  pid_t child = MUST(fork());
  if (child == 0) {
    signal(SIGCHLD, SIG_DFL);
    raise(SIGSTOP);
    _exit(0);
  }
  MUST(waitpid(child, NULL, WUNTRACED));
  SHOW(count);
  MUST(kill(child, SIGCONT));
  MUST(waitpid(child, NULL, 0));
  SHOW(count);
}
