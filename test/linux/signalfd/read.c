/* signalfd(2): blocked signals are read as structures, and poll(2) tells of them; the set can be changed. */
#include "../check.h"
#include <sys/signalfd.h>

int main(void) {
  sigset_t set;
  struct signalfd_siginfo infos[3];
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGCHLD);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  int fd = WORKS(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  SHOW(read(fd, infos, sizeof infos));
  struct pollfd poller = {fd, POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 9});
  SHOW(poll(&poller, 1, 0));
  SHOW(read(fd, infos, 10));
  SHOW(read(fd, infos, sizeof infos));
  say("%s %d %d\n", signal_name(infos[0].ssi_signo), infos[0].ssi_code, infos[0].ssi_int);
  IS(infos[0].ssi_pid == (unsigned)getpid());
  pid_t child = MUST(fork());
  if (child == 0) _exit(6);
  SHOW(poll(&poller, 1, -1));
  SHOW(read(fd, infos, sizeof infos));
  say("%s %d\n", signal_name(infos[0].ssi_signo), infos[0].ssi_status);
  IS(infos[0].ssi_pid == (unsigned)child);
  MUST(waitpid(child, NULL, 0));
  sigdelset(&set, SIGUSR1);
  IS(signalfd(fd, &set, 0) == fd);
  raise(SIGUSR1);
  SHOW(read(fd, infos, sizeof infos));
  SHOW(write(fd, infos, sizeof infos));
  SHOW(signalfd(0, &set, 0));
  SHOW(signalfd(-1, &set, 5));
  SHOW(signalfd(999, &set, 0));
}
