/* ioctl(2): FIONREAD, FIONBIO, FIOCLEX; ENOTTY where there is no terminal. */
#include "../check.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

int main(void) {
  scratch();
  int ends[2], pair[2], count = -1, one = 1;
  struct winsize size;
  struct termios settings;
  MUST(pipe(ends));
  MUST(write(ends[1], "12345", 5));
  SHOW(ioctl(ends[0], FIONREAD, &count));
  SHOW(count);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(write(pair[0], "123", 3));
  SHOW(ioctl(pair[1], FIONREAD, &count));
  SHOW(count);
  int file = file_with_text("file", "0123456789");
  MUST(lseek(file, 4, SEEK_SET));
  SHOW(ioctl(file, FIONREAD, &count));
  SHOW(count);
  SHOW(ioctl(ends[0], FIONBIO, &one));
  IS(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
  SHOW(ioctl(ends[0], FIOCLEX));
  SHOW(fcntl(ends[0], F_GETFD));
  SHOW(ioctl(ends[0], FIONCLEX));
  SHOW(fcntl(ends[0], F_GETFD));
  SHOW(ioctl(file, TIOCGWINSZ, &size));
  SHOW(ioctl(ends[0], TCGETS, &settings));
  SHOW(ioctl(pair[0], TIOCGWINSZ, &size));
  SHOW(isatty(file));
  SHOW(isatty(999));
  SHOW(ioctl(999, FIONREAD, &count));
  SHOW(ioctl(ends[0], FIONREAD, (void *)8));
  SHOW(ioctl(ends[0], 0x12345678, &count));
  SHOW(ioctl(MUST(open("/dev/null", O_RDWR)), TCGETS, &settings));
}
