/* nice(2), getpriority(2), setpriority(2): values are kept within -20 to 19; only root gets better ones. */
#include "../check.h"
#include <sys/resource.h>

int main(void) {
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(nice(5));
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(setpriority(PRIO_PROCESS, 0, 100));
  SHOW(getpriority(PRIO_PROCESS, getpid()));
  SHOW(setpriority(PRIO_PROCESS, 0, 10));
  SHOW(nice(-1));
  SHOW(setpriority(PRIO_PROCESS, 0x3fffffff, 0));
  SHOW(getpriority(77, 0));
  SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  IN_CHILD("child") {
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(getpriority(PRIO_PROCESS, getppid()));
  }
}
