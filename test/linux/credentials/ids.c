/* credentials(7): getuid(2) and relatives agree; what a user who is not root may not do. */
#include "../check.h"
#include <grp.h>
#include <sys/fsuid.h>

int main(void) {
  uid_t real, effective, saved;
  SHOW(getresuid(&real, &effective, &saved));
  IS(real == getuid() && effective == geteuid() && saved == real && real == effective);
  IS(getuid() != 0);
  gid_t group, effective_group, saved_group;
  SHOW(getresgid(&group, &effective_group, &saved_group));
  IS(group == getgid() && effective_group == getegid() && saved_group == group);
  SHOW(syscall(SYS_setuid, 0));
  SHOW(syscall(SYS_setuid, real));
  SHOW(syscall(SYS_setgid, 0));
  SHOW(syscall(SYS_setgid, group));
  SHOW(syscall(SYS_setreuid, real, -1));
  SHOW(syscall(SYS_setreuid, -1, 0));
  SHOW(syscall(SYS_setresuid, real, real, real));
  SHOW(syscall(SYS_setresuid, -1, 0, -1));
  SHOW(syscall(SYS_setresgid, -1, -1, 0));
  IS(setfsuid(0) == (int)real);
  IS(setfsuid(-1) == (int)real);
  SHOW(syscall(SYS_setgroups, 0, NULL));
  IS(getgroups(0, NULL) >= 0);
  SHOW(syscall(SYS_getgroups, -1, NULL));
  SHOW(syscall(SYS_getresuid, 8, 8, 8));
  SHOW(chroot("/"));
  SHOW(sethostname("x", 1));
}
