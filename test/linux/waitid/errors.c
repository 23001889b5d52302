/* waitid(2), ERRORS; P_PIDFD. */
#include "../check.h"

int main(void) {
  siginfo_t info;
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  SHOW(waitid(P_ALL, 0, &info, 0));
  SHOW(waitid(P_ALL, 0, &info, WNOHANG));
  SHOW(waitid(P_ALL, 0, &info, WEXITED | 0x100));
  SHOW(waitid(77, 0, &info, WEXITED));
  SHOW(waitid(P_PID, 0, &info, WEXITED));
  SHOW(waitid(P_PID, -5, &info, WEXITED));
  SHOW(waitid(P_PID, getpid(), &info, WEXITED));
  pid_t child = MUST(fork());
  if (child == 0) _exit(4);
  int fd = WORKS(syscall(SYS_pidfd_open, child, 0));
  SHOW(syscall(SYS_waitid, 3 /* P_PIDFD */, fd, &info, WEXITED, NULL));
  SHOW(info.si_status);
  SHOW(syscall(SYS_pidfd_open, child, 0));
  SHOW(syscall(SYS_pidfd_open, getpid(), 5));
  SHOW(syscall(SYS_pidfd_open, -1, 0));
  SHOW(syscall(SYS_waitid, 3, 999, &info, WEXITED, NULL));
  child = MUST(fork());
  if (child == 0) _exit(5);
  SHOW(waitid(P_ALL, 0, NULL, WEXITED));
}
