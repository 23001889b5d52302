/* poll(2): which events each kind of file has, and when; negative descriptors, closed ones, timeouts. */
#include "../check.h"
#include <sys/socket.h>

static int events(int fd) {
  struct pollfd poller = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0x7fff};
  int count = poll(&poller, 1, 0);
  return count < 0 ? -errno : poller.revents;
}

int main(void) {
  scratch();
  int ends[2], pair[2];
  char bytes[65536];
  MUST(pipe(ends));
  SHOW(events(ends[0]));
  SHOW(events(ends[1]));
  MUST(write(ends[1], bytes, sizeof bytes));
  SHOW(events(ends[0]));
  SHOW(events(ends[1]));
  MUST(close(ends[1]));
  SHOW(events(ends[0]));
  MUST(read(ends[0], bytes, sizeof bytes));
  SHOW(events(ends[0]));
  MUST(pipe(ends));
  MUST(close(ends[0]));
  SHOW(events(ends[1]));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  SHOW(events(pair[0]));
  MUST(write(pair[1], "x", 1));
  SHOW(events(pair[0]));
  MUST(shutdown(pair[1], SHUT_WR));
  SHOW(events(pair[0]));
  MUST(close(pair[1]));
  SHOW(events(pair[0]));
  SHOW(events(MUST(open("file", O_RDWR | O_CREAT, 0600))));
  SHOW(events(MUST(open(".", O_RDONLY))));
  SHOW(events(MUST(open("/dev/null", O_RDWR))));
  SHOW(events(999));
  SHOW(events(-1));
  long before = now_ms();
  SHOW(poll(NULL, 0, 25));
  IS(now_ms() - before >= 24);
  SHOW(syscall(SYS_poll, 8, 1, 0));
  struct timespec bad = {0, -1};
  SHOW(syscall(SYS_ppoll, NULL, 0, &bad, NULL, 8));
}
