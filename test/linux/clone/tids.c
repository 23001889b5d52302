/* clone(2): CLONE_PARENT_SETTID, CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID write the number where it was asked for. */
#include "../check.h"

static long raw_clone(unsigned long flags, int *parent, int *child) {
  return syscall(SYS_clone, flags, NULL, parent, child, NULL);
}

int main(void) {
  int *page = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int tid = -1;
  long pid = raw_clone(CLONE_PARENT_SETTID | SIGCHLD, &tid, NULL);
  if (pid == 0) _exit(0);
  IS(tid == pid);
  MUST(waitpid(pid, NULL, 0));
  page[0] = 0;
  pid = raw_clone(CLONE_CHILD_SETTID | SIGCHLD, NULL, page);
  if (pid == 0) {
    IS(page[0] == getpid());
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
  IS(page[0] == pid);
  page[0] = 5;
  pid = raw_clone(CLONE_CHILD_CLEARTID | SIGCHLD, NULL, page);
  if (pid == 0) _exit(0);
  MUST(waitpid(pid, NULL, 0));
  SHOW(page[0]);
}
