/* close(2), close_range(2), dup(2), dup2(2), dup3(2): the lowest free number, one open file, errors. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  int copy = WORKS(dup(fd));
  IS(copy == fd + 1);
  char text[4] = "";
  SHOW(read(copy, text, 3));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(close(fd));
  SHOW(close(fd));
  IS(dup(copy) == fd);
  SHOW(dup2(fd, 50));
  SHOW(dup2(50, 50));
  SHOW(dup2(999, 51));
  SHOW(dup2(999, 999));
  SHOW(dup2(fd, -1));
  SHOW(syscall(SYS_dup3, fd, 52, O_CLOEXEC));
  SHOW(fcntl(52, F_GETFD));
  SHOW(syscall(SYS_dup3, fd, fd, 0));
  SHOW(syscall(SYS_dup3, fd, 53, O_APPEND));
  SHOW(fcntl(fd, F_DUPFD, 60));
  SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 60));
  SHOW(fcntl(61, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, -1));
  SHOW(close(-1));
  SHOW(syscall(SYS_close_range, 50, 60, 0));
  SHOW(fcntl(60, F_GETFD));
  SHOW(fcntl(61, F_GETFD));
  SHOW(syscall(SYS_close_range, 62, 61, 0));
  SHOW(syscall(SYS_close_range, 50, 60, 8));
  SHOW(read(copy, text, 3));
  say("%s\n", text);
}
