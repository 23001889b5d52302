/* epoll(7): level- and edge-triggered, one-shot, modification, removal, several descriptors of one file. */
#include "../check.h"
#include <sys/epoll.h>

static int epoll;
static void show(const char *what) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, 0);
  say("%s: %d", what, count);
  for (int i = 0; i < count; i++) say(" [%#x %u]", events[i].events, events[i].data.u32);
  say("\n");
}
static int control(int operation, int fd, unsigned events, unsigned data) {
  struct epoll_event event = {.events = events, .data.u32 = data};
  return epoll_ctl(epoll, operation, fd, &event);
}

int main(void) {
  int ends[2];
  char byte;
  MUST(pipe(ends));
  epoll = WORKS(epoll_create1(EPOLL_CLOEXEC));
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
  show("empty");
  MUST(write(ends[1], "ab", 2));
  show("level"), show("level");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2));
  show("edge"), show("edge");
  MUST(read(ends[0], &byte, 1));
  show("after a read");
  MUST(write(ends[1], "c", 1));
  show("after a write"), show("again");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 3));
  show("one-shot"), show("one-shot");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 4));
  show("armed again");
  SHOW(control(EPOLL_CTL_ADD, ends[1], EPOLLOUT, 5));
  show("writer");
  int copy = MUST(dup(ends[1]));
  SHOW(control(EPOLL_CTL_ADD, copy, EPOLLOUT, 6));
  SHOW(control(EPOLL_CTL_DEL, ends[1], 0, 0));
  show("copy");
  MUST(close(copy));
  SHOW(control(EPOLL_CTL_DEL, copy, 0, 0));
  MUST(close(ends[1]));
  show("closed");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 7));
  MUST(read(ends[0], &byte, 1)), MUST(read(ends[0], &byte, 1));
  show("hung up");
}
