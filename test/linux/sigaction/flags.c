/* sigaction(2): SA_RESETHAND, SA_NODEFER and sa_mask: what is blocked in the handler, and what is set afterwards. */
#include "../check.h"

static volatile sig_atomic_t depth, runs;

static void nested(int number) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  say("%s, depth %d, blocked: USR1 %d USR2 %d\n", signal_name(number), depth, sigismember(&set, SIGUSR1),
      sigismember(&set, SIGUSR2));
  depth++;
  if (++runs < 3) raise(SIGUSR1);
  depth--;
}

static void with(const char *name, int flags, int masked) {
  struct sigaction action = {.sa_handler = nested, .sa_flags = flags}, old;
  sigemptyset(&action.sa_mask);
  if (masked) sigaddset(&action.sa_mask, masked);
  say("%s\n", name);
  runs = 0;
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  MUST(sigaction(SIGUSR1, NULL, &old));
  say("then the handler is %s\n", old.sa_handler == SIG_DFL ? "SIG_DFL" : old.sa_handler == nested ? "ours" : "?");
}

int main(void) {
  with("no flags: one after the other", 0, 0);
  with("SA_NODEFER: one inside the other", SA_NODEFER, 0);
  with("sa_mask", SA_NODEFER, SIGUSR2);
  IN_CHILD("SA_RESETHAND") with("SA_RESETHAND: the second is the default", SA_RESETHAND, 0);
  IN_CHILD("both") with("SA_RESETHAND | SA_NODEFER", SA_RESETHAND | SA_NODEFER, 0);
  struct sigaction action = {.sa_handler = nested, .sa_flags = SA_RESETHAND}, old;
  MUST(sigaction(SIGUSR1, &action, NULL));
  runs = 5;
  raise(SIGUSR1);
  MUST(sigaction(SIGUSR1, NULL, &old));
  IS(old.sa_handler == SIG_DFL);
}
