/* prctl(2), PR_SET_PDEATHSIG: a child gets its signal when its parent ends. */
#include "../check.h"
#include <sys/prctl.h>

static int ends[2];
static void handler(int number) {
  unsigned char byte = number;
  MUST(write(ends[1], &byte, 1));
  _exit(0);
}

int main(void) {
  Gate gate = gate_new();
  MUST(pipe(ends));
  IN_CHILD("child") {
    if (MUST(fork()) == 0) {
      signal(SIGUSR1, handler);
      MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1));
      gate_open(gate);
      for (;;) pause();
    }
    gate_pass(gate);
    _exit(2);
  }
  unsigned char byte;
  SHOW(read(ends[0], &byte, 1));
  say("grandchild: %s\n", signal_name(byte));
}
