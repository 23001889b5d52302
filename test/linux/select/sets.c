/* select(2), pselect(2): the three sets, the count, EBADF, the time that is left. */
#include "../check.h"
#include <sys/select.h>

/* musl's does not tell how much time was left. */
#define select(...) syscall(SYS_select, __VA_ARGS__)

int main(void) {
  int one[2], other[2];
  fd_set reading, writing;
  struct timeval none = {0, 0};
  MUST(pipe(one)), MUST(pipe(other));
  MUST(write(one[1], "x", 1));
  FD_ZERO(&reading);
  FD_ZERO(&writing);
  FD_SET(one[0], &reading);
  FD_SET(other[0], &reading);
  FD_SET(one[1], &writing);
  FD_SET(other[1], &writing);
  SHOW(select(20, &reading, &writing, NULL, &none));
  say("%d %d %d %d\n", !!FD_ISSET(one[0], &reading), !!FD_ISSET(other[0], &reading), !!FD_ISSET(one[1], &writing),
      !!FD_ISSET(other[1], &writing));
  FD_ZERO(&reading);
  FD_SET(other[0], &reading);
  struct timeval time = {0, 20000};
  SHOW(select(20, &reading, NULL, NULL, &time));
  say("%ld.%06ld %d\n", (long)time.tv_sec, (long)time.tv_usec, !!FD_ISSET(other[0], &reading));
  FD_SET(other[0], &reading);
  MUST(close(other[1]));
  SHOW(select(20, &reading, NULL, NULL, NULL));
  FD_SET(19, &reading);
  SHOW(select(20, &reading, NULL, NULL, &none));
  SHOW(syscall(SYS_select, -1, NULL, NULL, NULL, &none));
  SHOW(syscall(SYS_select, 5, 8, NULL, NULL, &none));
  time.tv_sec = -1;
  SHOW(syscall(SYS_select, 0, NULL, NULL, NULL, &time));
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    MUST(write(one[1], "y", 1));
    _exit(0);
  }
  char byte;
  MUST(read(one[0], &byte, 1));
  FD_ZERO(&reading);
  FD_SET(one[0], &reading);
  struct timeval longer = {10, 0};
  SHOW(select(one[0] + 1, &reading, NULL, NULL, &longer));
  IS(longer.tv_sec == 9);
  MUST(waitpid(child, NULL, 0));
}
