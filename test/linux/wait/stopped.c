/* waitpid(2): WUNTRACED and WCONTINUED tell of stops and continuations, each once. */
#include "../check.h"

int main(void) {
  int status;
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    raise(SIGSTOP);
    gate_pass(gate);
    raise(SIGTSTP);
    _exit(5);
  }
  IS(waitpid(child, &status, WUNTRACED) == child);
  say_status("child", status);
  SHOW(waitpid(child, &status, WUNTRACED | WNOHANG));
  MUST(kill(child, SIGCONT));
  IS(waitpid(child, &status, WCONTINUED) == child);
  say_status("child", status);
  SHOW(waitpid(child, &status, WCONTINUED | WUNTRACED | WNOHANG));
  MUST(setpgid(child, child));
  gate_open(gate);
  IS(waitpid(child, &status, WUNTRACED) == child);
  say_status("child", status);
  MUST(kill(child, SIGCONT));
  IS(waitpid(child, &status, 0) == child);
  say_status("child", status);
  child = MUST(fork());
  if (child == 0) {
    raise(SIGSTOP);
    _exit(0);
  }
  MUST(waitpid(child, &status, WUNTRACED));
  MUST(kill(child, SIGTERM));
  SHOW(waitpid(child, &status, WNOHANG | WUNTRACED));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, &status, 0));
  say_status("stopped child", status);
}
