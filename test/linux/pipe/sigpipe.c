/* pipe(7): writing without a reader is SIGPIPE, or EPIPE if that is ignored, blocked or handled. */
#include "../check.h"

static void handler(int number) { say("%s\n", signal_name(number)); }

int main(void) {
  int ends[2];
  MUST(pipe(ends));
  MUST(close(ends[0]));
  IN_CHILD("default") MUST(write(ends[1], "x", 1));
  signal(SIGPIPE, handler);
  SHOW(write(ends[1], "x", 1));
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(ends[1], "x", 1));
  SHOW(write(ends[1], "x", 0));
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  signal(SIGPIPE, SIG_DFL);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  SHOW(write(ends[1], "x", 1));
  MUST(sigpending(&pending));
  SHOW(sigismember(&pending, SIGPIPE));
  struct timespec none = {0, 0};
  SHOW(sigtimedwait(&set, NULL, &none));
}
