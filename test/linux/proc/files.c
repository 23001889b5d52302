/* proc(5): cmdline, environ, comm, exe, cwd, fd, task, mem of oneself and of a child; what is not there. */
#include "../check.h"

static void show_bytes(const char *path) {
  char text[300];
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    say("%s: %s\n", path, error_name(errno));
    return;
  }
  ssize_t count = read(fd, text, sizeof text - 1);
  for (ssize_t i = 0; i < count; i++)
    if (text[i] == 0) text[i] = '|';
  text[count > 0 ? count : 0] = 0;
  say("%s: %s\n", path, text);
  close(fd);
}

int main(int argc, char **argv) {
  char path[PATH_MAX] = "", link[PATH_MAX] = "";
  if (argc > 1) {
    show_bytes("/proc/self/environ");
    int fd = MUST(open("/proc/self/cmdline", O_RDONLY));
    long count = MUST(read(fd, path, sizeof path));
    /* argv[0] differs, the others do not. */
    char *rest = memchr(path, 0, count);
    for (char *at = rest + 1; at < path + count; at += strlen(at) + 1) say("argument [%s]\n", at);
    return 0;
  }
  scratch();
  IN_CHILD("child") execle("/proc/self/exe", argv[0], "one", "", "two words", (char *)NULL, (char *[]){"A=1", "B=", NULL});
  int fd = file_with_text("file", "text");
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, link, sizeof link - 1));
  say("%s\n", strrchr(link, '/'));
  MUST(lseek(fd, 2, SEEK_SET));
  int again = WORKS(open(path, O_RDONLY));
  SHOW(lseek(again, 0, SEEK_CUR));
  MUST(unlink("file"));
  memset(link, 0, sizeof link);
  MUST(readlink(path, link, sizeof link - 1));
  say("%s\n", strrchr(link, '/'));
  WORKS(open(path, O_RDONLY));
  int ends[2];
  MUST(pipe(ends));
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  memset(link, 0, sizeof link);
  MUST(readlink(path, link, sizeof link - 1));
  say("%.6s\n", link);
  SHOW(readlink("/proc/self/cwd", path, sizeof path) == (long)strlen(scratch_path));
  snprintf(path, sizeof path, "/proc/%d/exe", getpid());
  SHOW(access(path, X_OK));
  snprintf(path, sizeof path, "/proc/self/task/%d/comm", getpid());
  SHOW(access(path, R_OK));
  WORKS(open("/proc/0x7fffffff", O_RDONLY));
  WORKS(open("/proc/self/fd/999", O_RDONLY));
  WORKS(open("/proc/new", O_RDWR | O_CREAT, 0600));
  SHOW(mkdir("/proc/new", 0700));
  static char text[] = "in memory";
  int memory = WORKS(open("/proc/self/mem", O_RDWR));
  char copy[10] = "";
  SHOW(pread(memory, copy, 9, (off_t)(uintptr_t)text));
  say("%s\n", copy);
  SHOW(pwrite(memory, "by a file", 9, (off_t)(uintptr_t)text));
  say("%s\n", text);
  SHOW(pread(memory, copy, 9, 8));
}
