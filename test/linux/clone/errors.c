/* clone(2), ERRORS: flags that need each other or exclude each other. */
#include "../check.h"

#define TRY(flags) (errno = 0, show_result(#flags, syscall(SYS_clone, flags, NULL, NULL, NULL, NULL), true))

int main(void) {
  TRY(CLONE_THREAD);
  TRY(CLONE_THREAD | CLONE_SIGHAND);
  TRY(CLONE_SIGHAND | SIGCHLD);
  TRY(CLONE_FS | CLONE_NEWNS | SIGCHLD);
  TRY(CLONE_NEWUTS | SIGCHLD);
  SHOW(syscall(SYS_clone3, NULL, 64));
  unsigned long arguments[11] = {0};
  SHOW(syscall(SYS_clone3, arguments, 8));
  arguments[4] = 65;
  SHOW(syscall(SYS_clone3, arguments, 64));
  arguments[4] = 0, arguments[0] = SIGCHLD;
  SHOW(syscall(SYS_clone3, arguments, 64));
  arguments[0] = 0, arguments[5] = 4096;
  SHOW(syscall(SYS_clone3, arguments, 64));
  arguments[5] = 0, arguments[6] = 4096;
  SHOW(syscall(SYS_clone3, arguments, 64));
}
