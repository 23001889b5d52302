/* uname(2), sysinfo(2), getrandom(2), getcpu(2), gethostname(2), sysconf(3). */
#include "../check.h"
#include <sys/sysinfo.h>
#include <sys/utsname.h>

int main(void) {
  struct utsname name;
  struct sysinfo info;
  SHOW(uname(&name));
  say("%s %s\n", name.sysname, name.machine);
  int major = 0, minor = 0;
  IS(sscanf(name.release, "%d.%d", &major, &minor) == 2 && (major > 5 || (major == 5 && minor >= 10)));
  SHOW(syscall(SYS_uname, 8));
  SHOW(sysinfo(&info));
  IS(info.mem_unit > 0 && info.totalram > 0 && info.freeram <= info.totalram && info.procs > 0 && info.uptime >= 0);
  SHOW(syscall(SYS_sysinfo, 8));
  unsigned char one[64] = {0}, other[64] = {0};
  SHOW(syscall(SYS_getrandom, one, sizeof one, 0));
  SHOW(syscall(SYS_getrandom, other, sizeof other, 1));
  IS(memcmp(one, other, sizeof one) != 0);
  SHOW(syscall(SYS_getrandom, one, 0, 0));
  SHOW(syscall(SYS_getrandom, one, 10, 8));
  SHOW(syscall(SYS_getrandom, one, 10, 6));
  SHOW(syscall(SYS_getrandom, 8, 10, 0));
  unsigned processor = 999, node = 999;
  SHOW(syscall(SYS_getcpu, &processor, &node, NULL));
  IS(processor < 999 && node < 999);
  char host[65];
  SHOW(gethostname(host, sizeof host));
  IS(strcmp(host, name.nodename) == 0);
  SHOW(sysconf(_SC_PAGESIZE));
  SHOW(sysconf(_SC_CLK_TCK));
  SHOW(syscall(9999));
}
