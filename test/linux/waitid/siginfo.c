/* waitid(2): what siginfo says of exits, deaths, stops and continuations; WNOWAIT leaves the child for another wait. */
#include "../check.h"

static pid_t child;

static void report(const char *what, siginfo_t *info) {
  const char *codes[] = {"?", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"};
  int code = info->si_code;
  if (code == CLD_DUMPED) code = CLD_KILLED;
  say("%s: %s, %s, status %d, pid %s\n", what, signal_name(info->si_signo), codes[code], info->si_status,
      info->si_pid == child ? "of the child" : "another");
}

int main(void) {
  siginfo_t info;
  Gate gate = gate_new();
  child = MUST(fork());
  if (child == 0) {
    raise(SIGSTOP);
    gate_pass(gate);
    _exit(300);
  }
  SHOW(waitid(P_PID, child, &info, WSTOPPED));
  report("stopped", &info);
  MUST(kill(child, SIGCONT));
  SHOW(waitid(P_ALL, 0, &info, WCONTINUED));
  report("continued", &info);
  gate_open(gate);
  SHOW(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  report("left", &info);
  SHOW(waitid(P_PGID, getpgrp(), &info, WEXITED));
  report("exited", &info);
  SHOW(waitid(P_PID, child, &info, WEXITED));
  child = MUST(fork());
  if (child == 0)
    for (;;) pause();
  memset(&info, 7, sizeof info);
  SHOW(waitid(P_PID, child, &info, WEXITED | WNOHANG));
  SHOW(info.si_pid);
  SHOW(info.si_signo);
  MUST(kill(child, SIGTERM));
  SHOW(waitid(P_PID, child, &info, WEXITED));
  report("killed", &info);
}
