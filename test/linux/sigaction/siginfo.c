/* sigaction(2), SA_SIGINFO: si_code, si_pid, si_uid and si_value of kill(2), tgkill(2), raise(3), sigqueue(3) and a child's end. */
#include "../check.h"

static void handler(int number, siginfo_t *info, void *context) {
  const char *code = "?";
  switch (info->si_code) {
    case SI_USER: code = "SI_USER"; break;
    case SI_TKILL: code = "SI_TKILL"; break;
    case SI_QUEUE: code = "SI_QUEUE"; break;
    case CLD_EXITED: code = "CLD_EXITED"; break;
    case CLD_KILLED: code = "CLD_KILLED"; break;
    case CLD_STOPPED: code = "CLD_STOPPED"; break;
    case CLD_CONTINUED: code = "CLD_CONTINUED"; break;
  }
  say("%s %s errno %d uid %s context %s", signal_name(number), code, info->si_errno,
      info->si_uid == getuid() ? "ours" : "another", context ? "given" : "missing");
  if (info->si_code == SI_QUEUE) say(" value %d", info->si_value.sival_int);
  if (number == SIGCHLD) say(" status %d\n", info->si_status);
  else say(" pid %s\n", info->si_pid == getpid() ? "ours" : info->si_pid == getppid() ? "of the parent" : "another");
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
  MUST(sigaction(SIGUSR1, &action, NULL));
  MUST(sigaction(SIGRTMIN, &action, NULL));
  MUST(sigaction(SIGCHLD, &action, NULL));
  kill(getpid(), SIGUSR1);
  raise(SIGUSR1);
  pthread_kill(pthread_self(), SIGUSR1);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42});
  IN_CHILD("child") {
    signal(SIGCHLD, SIG_DFL);
    _exit(3);
  }
  pid_t child = MUST(fork());
  if (child == 0) {
    for (;;) pause();
  }
  MUST(kill(child, SIGSTOP));
  MUST(waitpid(child, NULL, WUNTRACED));
  MUST(kill(child, SIGCONT));
  MUST(waitpid(child, NULL, WCONTINUED));
  let_it_sleep();
  MUST(kill(child, SIGTERM));
  MUST(waitpid(child, NULL, 0));
}
