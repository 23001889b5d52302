/* eventfd(2): adding, reading, semaphores, overflow, blocking, poll(2). */
#include "../check.h"
#include <sys/eventfd.h>

int main(void) {
  uint64_t value;
  int fd = WORKS(eventfd(3, EFD_NONBLOCK));
  SHOW(read(fd, &value, 8));
  SHOW((long)value);
  SHOW(read(fd, &value, 8));
  value = 5;
  SHOW(write(fd, &value, 8));
  SHOW(write(fd, &value, 8));
  SHOW(read(fd, &value, 8));
  SHOW((long)value);
  value = ~0ull;
  SHOW(write(fd, &value, 8));
  value = ~0ull - 1;
  SHOW(write(fd, &value, 8));
  struct pollfd poller = {fd, POLLIN | POLLOUT, 0};
  SHOW(poll(&poller, 1, 0));
  SHOW(poller.revents);
  value = 1;
  SHOW(write(fd, &value, 8));
  SHOW(read(fd, &value, 8));
  SHOW(poll(&poller, 1, 0));
  SHOW(poller.revents);
  SHOW(read(fd, &value, 4));
  SHOW(write(fd, &value, 4));
  SHOW(eventfd(0, 0x123));
  int semaphore = WORKS(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC));
  for (int i = 0; i < 3; i++) SHOW(read(semaphore, &value, 8));
  SHOW((long)value);
  int blocking = WORKS(eventfd(0, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    value = 42;
    MUST(write(blocking, &value, 8));
    _exit(0);
  }
  SHOW(read(blocking, &value, 8));
  SHOW((long)value);
  MUST(waitpid(child, NULL, 0));
}
