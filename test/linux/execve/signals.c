/* execve(2): handlers become the default, what is ignored stays ignored; mask, pending signals and the alarm stay; the alternate stack goes. */
#include "../check.h"

static void handler(int number) { (void)number; }

int main(int argc, char **argv) {
  struct sigaction action;
  sigset_t set;
  stack_t stack;
  if (argc > 1) {
    MUST(sigaction(SIGUSR1, NULL, &action));
    IS(action.sa_handler == SIG_DFL);
    MUST(sigaction(SIGUSR2, NULL, &action));
    IS(action.sa_handler == SIG_IGN);
    MUST(sigprocmask(SIG_BLOCK, NULL, &set));
    SHOW(sigismember(&set, SIGTERM));
    SHOW(sigismember(&set, SIGUSR1));
    MUST(sigpending(&set));
    SHOW(sigismember(&set, SIGTERM));
    MUST(sigaltstack(NULL, &stack));
    IS(stack.ss_flags == SS_DISABLE);
    IS(alarm(0) > 0);
    return 0;
  }
  static char space[65536];
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  stack = (stack_t){.ss_sp = space, .ss_size = sizeof space};
  MUST(sigaltstack(&stack, NULL));
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  IN_CHILD("child") {
    raise(SIGTERM);
    alarm(100);
    MUST(execl("/proc/self/exe", argv[0], "again", (char *)NULL));
  }
}
