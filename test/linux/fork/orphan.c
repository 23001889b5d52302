/* A process whose parent has ended gets another one; so it knows by getppid(2). prctl(2) PR_SET_CHILD_SUBREAPER says who. */
#include "../check.h"
#include <sys/prctl.h>

int main(void) {
  int reaper = 0;
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0));
  SHOW(reaper);
  pid_t top = getpid();
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0);
    say("child: reaper = %d\n", reaper);
    if (MUST(fork()) == 0) {
      gate_pass(gate);
      IS(getppid() == top);
      _exit(9);
    }
    _exit(4);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  say_status("child", status);
  gate_open(gate);
  MUST(wait(&status));
  say_status("grandchild", status);
  SHOW(wait(NULL));
}
