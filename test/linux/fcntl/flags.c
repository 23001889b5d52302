/* fcntl(2): descriptor flags belong to the descriptor, status flags to the open file; which flags F_SETFL changes. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = MUST(open("file", O_RDWR | O_CREAT | O_TRUNC, 0600));
  int copy = MUST(dup(fd));
  int other = MUST(open("file", O_RDONLY));
  SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(copy, F_GETFD));
  SHOW(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY | O_TRUNC));
  int flags = fcntl(copy, F_GETFL);
  SHOW(flags & O_ACCMODE);
  IS((flags & (O_APPEND | O_NONBLOCK)) == (O_APPEND | O_NONBLOCK));
  SHOW(flags & O_TRUNC);
  SHOW(flags & O_CREAT);
  SHOW(fcntl(other, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE));
  SHOW(fcntl(fd, F_SETFL, 0));
  SHOW(fcntl(copy, F_GETFL) & (O_APPEND | O_NONBLOCK));
  SHOW(fcntl(fd, 12345));
  SHOW(fcntl(999, F_GETFL));
  int ends[2];
  MUST(pipe(ends));
  IS(fcntl(ends[0], F_GETPIPE_SZ) == 65536);
  SHOW(fcntl(ends[0], F_SETPIPE_SZ, 4096));
  SHOW(fcntl(ends[0], F_SETPIPE_SZ, 5000));
  SHOW(fcntl(fd, F_GETPIPE_SZ));
}
