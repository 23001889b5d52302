/* getrlimit(2), setrlimit(2), prlimit(2): soft limits move below the hard one, the hard one only down. */
#include "../check.h"
#include <sys/resource.h>

int main(void) {
  struct rlimit limit = {50, 100}, old;
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(getrlimit(RLIMIT_NOFILE, &limit));
  SHOW(limit.rlim_cur);
  SHOW(limit.rlim_max);
  limit = (struct rlimit){100, 100};
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  limit = (struct rlimit){101, 100};
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  limit = (struct rlimit){50, 101};
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  limit = (struct rlimit){20, 30};
  SHOW(prlimit(0, RLIMIT_NOFILE, &limit, &old));
  SHOW(old.rlim_cur);
  SHOW(prlimit(getpid(), RLIMIT_NOFILE, NULL, &old));
  SHOW(old.rlim_max);
  SHOW(syscall(SYS_getrlimit, 16, &limit));
  SHOW(syscall(SYS_setrlimit, 16, &limit));
  SHOW(syscall(SYS_getrlimit, RLIMIT_NOFILE, 8));
  SHOW(syscall(SYS_prlimit64, 0x3fffffff, RLIMIT_NOFILE, NULL, &old));
  int last = -1, fd;
  while ((fd = open("/dev/null", O_RDONLY)) >= 0) last = fd;
  say("%s after %d\n", error_name(errno), last);
  SHOW(fcntl(last, F_DUPFD, 25));
  SHOW(dup(0));
  SHOW(dup2(0, 20));
  int ends[2];
  SHOW(pipe(ends));
}
