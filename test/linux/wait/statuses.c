/* wait(2): every way a process ends: exit statuses are cut to eight bits, signals have their number and whether there may be a core. */
#include "../check.h"

int main(void) {
  const int statuses[] = {0, 1, 255, 256, 511, -1};
  const int signals[] = {SIGHUP, SIGKILL, SIGSEGV, SIGTERM, SIGUSR1, SIGALRM, 34, 64};
  int status;
  for (unsigned i = 0; i < COUNT(statuses); i++) {
    if (MUST(fork()) == 0) _exit(statuses[i]);
    MUST(wait(&status));
    say("_exit(%d): %#x, %d\n", statuses[i], status, WEXITSTATUS(status));
  }
  for (unsigned i = 0; i < COUNT(signals); i++) {
    pid_t child = MUST(fork());
    if (child == 0)
      for (;;) pause();
    MUST(kill(child, signals[i]));
    MUST(waitpid(child, &status, 0));
    say("%s: %d %d %d\n", signal_name(signals[i]), WIFSIGNALED(status), WTERMSIG(status), WIFEXITED(status));
  }
  IN_CHILD("abort") abort();
  IN_CHILD("divide") {
    volatile int zero = 0;
    zero = 1 / zero;
  }
  IN_CHILD("null") *(volatile int *)NULL = 1;
  IN_CHILD("illegal") __asm__ volatile("ud2");
  IN_CHILD("trap") __asm__ volatile("int3");
}
