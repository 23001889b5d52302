/* setpgid(2), getpgid(2), getpgrp(2): a child moves itself or is moved; errors; a group is the target of kill(2). */
#include "../check.h"

int main(void) {
  Gate gate = gate_new();
  IS(getpgid(0) == getpgrp());
  pid_t first = MUST(fork());
  if (first == 0)
    for (;;) pause();
  pid_t second = MUST(fork());
  if (second == 0)
    for (;;) pause();
  IS(getpgid(first) == getpgrp());
  SHOW(setpgid(first, 0));
  IS(getpgid(first) == first);
  SHOW(setpgid(second, first));
  IS(getpgid(second) == first);
  SHOW(setpgid(second, -1));
  SHOW(setpgid(second, 0x3fffffff));
  SHOW(setpgid(0x3fffffff, 0));
  SHOW(getpgid(0x3fffffff));
  SHOW(getpgid(-1));
  SHOW(kill(-first, 0));
  SHOW(kill(-first, SIGTERM));
  int status;
  IS(waitpid(-first, &status, 0) > 0);
  say_status("one", status);
  IS(waitpid(-first, &status, 0) > 0);
  say_status("other", status);
  SHOW(kill(-first, 0));
  IN_CHILD("leader") {
    MUST(setsid());
    SHOW(setpgid(0, 0));
    SHOW(setsid());
    IS(getpgrp() == getpid() && getsid(0) == getpid());
    pid_t child = MUST(fork());
    if (child == 0) {
      gate_pass(gate);
      _exit(0);
    }
    SHOW(setpgid(child, getppid()));
    gate_open(gate);
    wait(NULL);
  }
}
