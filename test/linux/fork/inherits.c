/* fork(2): what the child inherits (mask, actions, directory, umask, nice value, limits) and what it does not (pending signals, alarms). */
#include "../check.h"
#include <sys/resource.h>

static void handler(int number) { say("%s\n", signal_name(number)); }

int main(void) {
  scratch();
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  MUST(raise(SIGUSR1));
  MUST(mkdir("below", 0700));
  MUST(chdir("below"));
  umask(027);
  MUST(setpriority(PRIO_PROCESS, 0, 3));
  struct rlimit limit = {100, 200};
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  alarm(100);
  IN_CHILD("child") {
    MUST(sigprocmask(SIG_BLOCK, NULL, &pending));
    SHOW(sigismember(&pending, SIGUSR1));
    MUST(sigpending(&pending));
    SHOW(sigismember(&pending, SIGUSR1));
    MUST(raise(SIGUSR2));
    MUST(raise(SIGUSR1));
    MUST(sigprocmask(SIG_UNBLOCK, &set, NULL));
    char path[PATH_MAX];
    IS(strcmp(strrchr(getcwd(path, sizeof path), '/'), "/below") == 0);
    SHOW(umask(0));
    SHOW(getpriority(PRIO_PROCESS, 0));
    MUST(getrlimit(RLIMIT_NOFILE, &limit));
    SHOW(limit.rlim_cur);
    SHOW(limit.rlim_max);
    SHOW(alarm(0));
  }
  MUST(sigpending(&pending));
  SHOW(sigismember(&pending, SIGUSR1));
  IS(alarm(0) > 90);
}
