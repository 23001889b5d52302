/* clone(2) of a thread by hand: one process number, its own thread number; the thread's end is seen by CLONE_CHILD_CLEARTID. */
#include "../check.h"

static int tid, cleared = 1;
static long process, thread;
static char stack[65536] __attribute__((aligned(16)));

static int body(void *argument) {
  process = syscall(SYS_getpid);
  thread = syscall(SYS_gettid);
  *(int *)argument = 42;
  return 0;
}

int main(void) {
  int value = 0;
  int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  cleared = 1;
  long result = clone(body, stack + sizeof stack, flags | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, &value, &tid, NULL, &cleared);
  IS(result > 0);
  while (__atomic_load_n(&cleared, __ATOMIC_SEQ_CST) != 0) syscall(SYS_futex, &cleared, 0, 1, NULL, NULL, 0);
  IS(tid == result);
  IS(process == getpid());
  IS(thread == result);
  IS(thread != process);
  SHOW(value);
  SHOW(waitpid(result, NULL, __WALL));
  SHOW(syscall(SYS_tgkill, getpid(), result, 0));
}
