/* proc(5): meminfo, cpuinfo, uptime, loadavg, version, sys/kernel: their format, not their values. */
#include "../check.h"
#include <sys/utsname.h>

static char text[65536];
static char *read_all(const char *path) {
  int fd = MUST(open(path, O_RDONLY));
  size_t used = 0;
  ssize_t count;
  while (used < sizeof text - 1 && (count = MUST(read(fd, text + used, sizeof text - 1 - used))) > 0) used += count;
  text[used] = 0;
  MUST(close(fd));
  return text;
}

int main(void) {
  long total = -1, available = -1;
  read_all("/proc/meminfo");
  IS(sscanf(text, "MemTotal: %ld kB", &total) == 1 && total > 0);
  char *at = strstr(text, "\nMemAvailable:");
  IS(at && sscanf(at, " MemAvailable: %ld kB", &available) == 1 && available > 0 && available <= total);
  read_all("/proc/cpuinfo");
  int processors = 0;
  for (at = text; (at = strstr(at, "processor\t: ")); at++) processors++;
  IS(processors == sysconf(_SC_NPROCESSORS_ONLN));
  IS(strstr(text, "\nflags\t\t: ") && strstr(text, " sse2 "));
  double uptime, idle;
  IS(sscanf(read_all("/proc/uptime"), "%lf %lf\n", &uptime, &idle) == 2 && uptime >= 0);
  struct timespec now;
  MUST(clock_gettime(CLOCK_BOOTTIME, &now));
  IS(now.tv_sec - uptime < 2 && now.tv_sec - uptime > -2);
  double one, five, fifteen;
  int running, all, last;
  IS(sscanf(read_all("/proc/loadavg"), "%lf %lf %lf %d/%d %d\n", &one, &five, &fifteen, &running, &all, &last) == 6);
  struct utsname name;
  MUST(uname(&name));
  IS(strncmp(read_all("/proc/version"), "Linux version ", 14) == 0 && strncmp(text + 14, name.release, strlen(name.release)) == 0);
  read_all("/proc/sys/kernel/ostype");
  say("%s", text);
  read_all("/proc/sys/kernel/osrelease");
  IS(strncmp(text, name.release, strlen(name.release)) == 0);
  IS(atoi(read_all("/proc/sys/kernel/pid_max")) >= 32768);
  IS(strlen(read_all("/proc/sys/kernel/random/boot_id")) == 37);
  SHOW(open("/proc/sys/kernel/pid_max", O_WRONLY));
  read_all("/proc/filesystems");
  IS(strstr(text, "nodev\tproc\n") && strstr(text, "nodev\ttmpfs\n"));
  read_all("/proc/self/mounts");
  IS(strstr(text, " /proc proc "));
  read_all("/proc/stat");
  IS(strncmp(text, "cpu  ", 5) == 0 && strstr(text, "\nbtime "));
}
