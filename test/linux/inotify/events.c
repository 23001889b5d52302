/* inotify(7): what is told of files and directories, in order; moves have a cookie in common; errors. */
#include "../check.h"
#include <sys/inotify.h>

static int fd;
static void show(const char *what) {
  char buffer[4096] __attribute__((aligned(8)));
  long length = read(fd, buffer, sizeof buffer);
  say("%s:", what);
  if (length < 0) say(" %s", error_name(errno));
  uint32_t cookie = 0;
  for (long at = 0; at < length;) {
    struct inotify_event *event = (struct inotify_event *)(buffer + at);
    say(" [%d %#x %s%s]", event->wd, event->mask, event->len ? event->name : "-",
        event->cookie == 0 ? "" : event->cookie == cookie ? " same cookie" : " cookie");
    cookie = event->cookie;
    at += sizeof *event + event->len;
  }
  say("\n");
}

int main(void) {
  scratch();
  MUST(mkdir("d", 0755));
  fd = WORKS(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  SHOW(inotify_add_watch(fd, "d", IN_ALL_EVENTS));
  show("nothing");
  int file = MUST(open("d/file", O_RDWR | O_CREAT, 0600));
  show("create");
  MUST(write(file, "x", 1));
  MUST(write(file, "x", 1));
  show("write");
  MUST(close(file)), show("close");
  MUST(chmod("d/file", 0640)), show("chmod");
  MUST(chown("d/file", -1, -1)), show("chown of nothing");
  struct timespec times[2] = {{1, 0}, {2, 0}};
  MUST(utimensat(AT_FDCWD, "d/file", times, 0)), show("times");
  times[0].tv_nsec = UTIME_OMIT;
  MUST(utimensat(AT_FDCWD, "d/file", times, 0)), show("mtime");
  MUST(rename("d/file", "d/other")), show("rename");
  MUST(rename("d/other", "out")), show("move out");
  MUST(mkdir("d/below", 0700)), show("mkdir");
  MUST(rmdir("d/below")), show("rmdir");
  SHOW(inotify_add_watch(fd, "out", IN_DELETE_SELF | IN_ATTRIB | IN_ONESHOT));
  MUST(unlink("out")), show("unlink");
  SHOW(inotify_rm_watch(fd, 1)), show("removed");
  SHOW(inotify_rm_watch(fd, 1));
  SHOW(inotify_add_watch(fd, "none", IN_CREATE));
  SHOW(inotify_add_watch(fd, "d", 0));
  SHOW(inotify_add_watch(0, "d", IN_CREATE));
  close(file_with_text("plain", ""));
  SHOW(inotify_add_watch(fd, "plain", IN_CREATE | IN_ONLYDIR));
  SHOW(inotify_init1(5));
}
