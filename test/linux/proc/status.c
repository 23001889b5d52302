/* proc(5), /proc/self/status, stat, statm: fields that agree with what the calls say. */
#include "../check.h"
#include <sys/prctl.h>

static char text[8192];
static char *read_all(const char *path) {
  int fd = MUST(open(path, O_RDONLY));
  size_t used = 0;
  ssize_t count;
  while (used < sizeof text - 1 && (count = MUST(read(fd, text + used, sizeof text - 1 - used))) > 0) used += count;
  text[used] = 0;
  MUST(close(fd));
  return text;
}
static const char *field(const char *name) {
  static char value[200];
  char *at = text;
  size_t length = strlen(name);
  for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
    if (strncmp(at, name, length) == 0 && at[length] == ':') return sscanf(at + length + 1, " %199[^\n]", value) == 1 ? value : "";
  return "(missing)";
}

int main(void) {
  MUST(prctl(PR_SET_NAME, "a name) (x"));
  signal(SIGUSR1, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP), sigaddset(&set, SIGTERM);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  kill(getpid(), SIGTERM);
  umask(027);
  read_all("/proc/self/status");
  say("Name %s\n", field("Name"));
  say("Umask %s\n", field("Umask"));
  say("State %s\n", field("State"));
  IS(atoi(field("Pid")) == getpid() && atoi(field("Tgid")) == getpid() && atoi(field("PPid")) == getppid());
  say("Threads %s\n", field("Threads"));
  IS((uid_t)atoi(field("Uid")) == getuid());
  say("SigBlk %s\n", field("SigBlk"));
  say("SigIgn %s\n", field("SigIgn"));
  say("ShdPnd %s\n", field("ShdPnd"));
  IS(atol(field("VmSize")) > 0 && atol(field("VmRSS")) > 0 && atol(field("VmRSS")) <= atol(field("VmSize")));
  long rss = atol(field("VmRSS"));
  char *memory = MUST_MAP(mmap(NULL, 1000 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  memset(memory, 1, 1000 * PAGE);
  read_all("/proc/self/status");
  IS(atol(field("VmRSS")) - rss > 3000 && atol(field("VmRSS")) - rss < 5000);
  long size, resident;
  MUST(sscanf(read_all("/proc/self/statm"), "%ld %ld", &size, &resident));
  IS(size > 1000 && resident > 1000 && resident < size);
  char state;
  int pid, parent, group, session;
  read_all("/proc/self/stat");
  char *end = strrchr(text, ')');
  IS(sscanf(text, "%d (a name) (x)", &pid) == 1 && pid == getpid());
  IS(sscanf(end + 2, "%c %d %d %d", &state, &parent, &group, &session) == 4);
  IS(state == 'R' && parent == getppid() && group == getpgrp() && session == getsid(0));
}
