/* waitpid(2): WNOHANG, a chosen child, a process group, and ECHILD. */
#include "../check.h"

int main(void) {
  int status = 77;
  SHOW(wait(&status));
  SHOW(waitpid(-1, &status, WNOHANG));
  Gate gate = gate_new();
  pid_t first = MUST(fork());
  if (first == 0) {
    gate_pass(gate);
    _exit(1);
  }
  pid_t second = MUST(fork());
  if (second == 0) {
    setpgid(0, 0);
    _exit(2);
  }
  setpgid(second, second);
  SHOW(waitpid(first, &status, WNOHANG));
  IS(waitpid(second, &status, 0) == second);
  say_status("second", status);
  SHOW(waitpid(second, &status, 0));
  SHOW(waitpid(-second, &status, WNOHANG));
  SHOW(waitpid(getpid(), &status, 0));
  SHOW(waitpid(first, &status, 0x100));
  SHOW(waitpid(0, &status, WNOHANG));
  gate_open(gate);
  IS(waitpid(0, &status, 0) == first);
  say_status("first", status);
  SHOW(waitpid(-1, NULL, 0));
  if (MUST(fork()) == 0) _exit(0);
  let_it_sleep();
  SHOW(waitpid(-1, (int *)8, 0));
  SHOW(waitpid(-1, NULL, 0));
}
