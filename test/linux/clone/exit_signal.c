/* clone(2): the signal at the end need not be SIGCHLD; then waitpid(2) asks for __WCLONE or __WALL. CLONE_PARENT makes a sibling. */
#include "../check.h"

static volatile sig_atomic_t got;
static void handler(int number) { got = number; }

static long raw_clone(unsigned long flags) { return syscall(SYS_clone, flags, NULL, NULL, NULL, NULL); }

int main(void) {
  signal(SIGUSR1, handler);
  signal(SIGCHLD, handler);
  int status;
  long pid = MUST(raw_clone(SIGUSR1));
  if (pid == 0) _exit(3);
  while (!got) sleep_ms(1);
  say("%s\n", signal_name(got));
  SHOW(waitpid(pid, &status, 0));
  IS(waitpid(pid, &status, __WCLONE) == pid);
  say_status("child", status);
  got = 0;
  pid = MUST(raw_clone(0));
  if (pid == 0) _exit(4);
  IS(waitpid(-1, &status, __WALL) == pid);
  say_status("child", status);
  SHOW(got);
  pid = MUST(raw_clone(SIGCHLD));
  if (pid == 0) {
    pid_t parent = getppid();
    if (MUST(raw_clone(CLONE_PARENT | SIGCHLD)) == 0) _exit(getppid() == parent ? 6 : 7);
    SHOW(waitpid(-1, NULL, 0));
    _exit(5);
  }
  IS(waitpid(pid, &status, 0) == pid);
  say_status("child", status);
  MUST(wait(&status));
  say_status("sibling", status);
}
