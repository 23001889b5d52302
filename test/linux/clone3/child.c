/* clone3(2): a child by structure: its exit signal, where its number goes, a stack for the child, and a pidfd to poll. */
#include "../check.h"

struct arguments {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

int main(void) {
  int tid = 0, pidfd = -1, status;
  struct arguments arguments = {
      .flags = CLONE_PARENT_SETTID | CLONE_PIDFD,
      .pidfd = (uintptr_t)&pidfd,
      .parent_tid = (uintptr_t)&tid,
      .exit_signal = SIGCHLD,
  };
  Gate gate = gate_new();
  long pid = MUST(syscall(SYS_clone3, &arguments, 64));
  if (pid == 0) {
    gate_pass(gate);
    _exit(8);
  }
  IS(tid == pid);
  IS(pidfd >= 0);
  SHOW(fcntl(pidfd, F_GETFD));
  struct pollfd poller = {pidfd, POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  gate_open(gate);
  SHOW(poll(&poller, 1, -1));
  SHOW(poller.revents);
  IS(waitpid(pid, &status, 0) == pid);
  say_status("child", status);
  arguments = (struct arguments){.exit_signal = SIGCHLD};
  pid = MUST(syscall(SYS_clone3, &arguments, sizeof arguments));
  if (pid == 0) _exit(9);
  MUST(waitpid(pid, &status, 0));
  say_status("child", status);
}
