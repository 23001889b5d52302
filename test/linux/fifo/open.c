/* fifo(7): opening waits for the other side, or not with O_NONBLOCK; data goes through the name. */
#include "../check.h"

int main(void) {
  scratch();
  char text[20] = "";
  SHOW(mkfifo("fifo", 0640));
  SHOW(mkfifo("fifo", 0640));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  int reader = WORKS(open("fifo", O_RDONLY | O_NONBLOCK));
  SHOW(read(reader, text, 1));
  int writer = WORKS(open("fifo", O_WRONLY | O_NONBLOCK));
  SHOW(read(reader, text, 1));
  SHOW(write(writer, "through", 7));
  SHOW(read(reader, text, sizeof text));
  say("%s\n", text);
  MUST(close(writer));
  SHOW(read(reader, text, 1));
  struct pollfd poller = {reader, POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  SHOW(poller.revents == POLLHUP);
  MUST(close(reader));
  pid_t child = MUST(fork());
  if (child == 0) {
    int fd = MUST(open("fifo", O_WRONLY));
    MUST(write(fd, "from the child", 15));
    _exit(0);
  }
  reader = WORKS(open("fifo", O_RDONLY));
  SHOW(read(reader, text, sizeof text));
  say("%s\n", text);
  MUST(waitpid(child, NULL, 0));
  SHOW(read(reader, text, sizeof text));
  int both = WORKS(open("fifo", O_RDWR));
  SHOW(write(both, "x", 1));
  SHOW(read(both, text, 5));
  SHOW(unlink("fifo"));
  SHOW(mknod("plain", S_IFREG | 0600, 0));
  SHOW(mknod("device", S_IFCHR | 0600, 0x103));
  SHOW(mknod("odd", 0170000, 0));
}
