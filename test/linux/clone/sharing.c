/* clone(2): what each of CLONE_VM, CLONE_FILES, CLONE_FS and CLONE_SIGHAND shares between the two processes, or does not. */
#include "../check.h"

static volatile int value;
static int fd;
static char stack[65536] __attribute__((aligned(16)));

static void handler(int number) { (void)number; }

static int child(void *argument) {
  (void)argument;
  value = 7;
  close(fd);
  if (chdir("below") != 0) return 1;
  signal(SIGUSR1, handler);
  return 3;
}

static void with(const char *name, int flags) {
  value = 0;
  fd = MUST(open("/dev/null", O_RDONLY));
  signal(SIGUSR1, SIG_DFL);
  int status;
  pid_t pid = MUST(clone(child, stack + sizeof stack, flags | SIGCHLD, NULL));
  MUST(waitpid(pid, &status, 0));
  struct sigaction action;
  MUST(sigaction(SIGUSR1, NULL, &action));
  say("%s: exit %d, value %d, descriptor %s, directory %s, handler %s\n", name, WEXITSTATUS(status), value,
      fcntl(fd, F_GETFD) == 0 ? "open" : "closed", access("below", F_OK) == 0 ? "the same" : "another",
      action.sa_handler == handler ? "set" : "not set");
  close(fd);
  MUST(chdir(scratch_path));
}

int main(void) {
  scratch();
  MUST(mkdir("below", 0700));
  with("nothing", 0);
  with("CLONE_VM", CLONE_VM);
  with("CLONE_FILES", CLONE_FILES);
  with("CLONE_FS", CLONE_FS);
  with("CLONE_VM | CLONE_SIGHAND", CLONE_VM | CLONE_SIGHAND);
  with("CLONE_VM | CLONE_VFORK", CLONE_VM | CLONE_VFORK);
  with("all", CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND);
}
