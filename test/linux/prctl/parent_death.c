/* prctl(2), PR_SET_PDEATHSIG: a child gets its signal when its parent ends. */
#include "../check.h"
#include <sys/prctl.h>

static void handler(int number) {
  say("grandchild: %s\n", signal_name(number));
  _exit(0);
}

int main(void) {
  Gate gate = gate_new();
  int ends[2];
  MUST(pipe(ends));
  IN_CHILD("child") {
    if (MUST(fork()) == 0) {
      close(ends[0]);
      signal(SIGUSR1, handler);
      MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1));
      gate_open(gate);
      for (;;) pause();
    }
    gate_pass(gate);
    _exit(2);
  }
  /* The grandchild has the other end until it ends. */
  close(ends[1]);
  char byte;
  SHOW(read(ends[0], &byte, 1));
}
