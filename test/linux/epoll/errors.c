/* epoll_ctl(2), epoll_wait(2): ERRORS, nesting, what cannot be watched, timeouts. */
#include "../check.h"
#include <sys/epoll.h>

int main(void) {
  scratch();
  int ends[2];
  MUST(pipe(ends));
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 9}, events[4];
  int epoll = MUST(epoll_create1(0)), other = MUST(epoll_create1(0));
  SHOW(syscall(SYS_epoll_create, 0));
  SHOW(epoll_create1(5));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, 999, &event));
  SHOW(epoll_ctl(999, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &event));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &event));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], NULL));
  SHOW(epoll_ctl(epoll, 77, ends[0], &event));
  SHOW(syscall(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, ends[0], 8));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, MUST(open("file", O_RDWR | O_CREAT, 0600)), &event));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, MUST(open(".", O_RDONLY)), &event));
  SHOW(epoll_ctl(other, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, other, &event));
  SHOW(epoll_ctl(other, EPOLL_CTL_ADD, epoll, &event));
  SHOW(epoll_wait(epoll, events, 4, 0));
  MUST(write(ends[1], "x", 1));
  SHOW(epoll_wait(epoll, events, 4, 0));
  SHOW(epoll_wait(epoll, events, 0, 0));
  SHOW(syscall(SYS_epoll_wait, epoll, events, -1, 0));
  SHOW(syscall(SYS_epoll_wait, epoll, 8, 4, 0));
  SHOW(epoll_wait(999, events, 4, 0));
  SHOW(epoll_wait(ends[0], events, 4, 0));
  char byte;
  MUST(read(ends[0], &byte, 1));
  long before = now_ms();
  SHOW(epoll_wait(epoll, events, 4, 30));
  IS(now_ms() - before >= 29);
  event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
}
