/* unix(7), datagrams: addresses of senders, abstract names, connected sockets, sendto(2) and recvfrom(2). */
#include "../check.h"
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, path);
  return address;
}
#define ADDRESS(a) (struct sockaddr *)&(a), sizeof(a)

int main(void) {
  scratch();
  struct sockaddr_un one = address("one"), two = address("two"), from;
  socklen_t length = sizeof from;
  char text[20] = "";
  int a = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), b = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  SHOW(bind(a, ADDRESS(one)));
  SHOW(sendto(b, "unnamed", 7, 0, ADDRESS(one)));
  SHOW(recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &length));
  say("%s %d\n", text, length);
  SHOW(bind(b, ADDRESS(two)));
  SHOW(sendto(b, "named", 6, 0, ADDRESS(one)));
  length = sizeof from;
  SHOW(recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &length));
  say("%s %s\n", text, from.sun_path);
  SHOW(send(b, "x", 1, 0));
  SHOW(connect(b, ADDRESS(one)));
  SHOW(send(b, "connected", 10, 0));
  SHOW(recv(a, text, sizeof text, 0));
  SHOW(sendto(a, "x", 1, 0, (struct sockaddr *)&from, length));
  SHOW(recv(b, text, sizeof text, 0));
  SHOW(connect(a, ADDRESS(two)));
  SHOW(sendto(MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), "x", 1, 0, ADDRESS(two)));
  MUST(close(a));
  SHOW(send(b, "x", 1, 0));
  struct sockaddr_un hidden = {.sun_family = AF_UNIX};
  snprintf(hidden.sun_path + 1, 40, "pml4-%d", getpid());
  int c = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), d = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  SHOW(bind(c, ADDRESS(hidden)));
  SHOW(listen(c, 1));
  SHOW(connect(d, ADDRESS(hidden)));
  SHOW(bind(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), ADDRESS(hidden)));
  struct sockaddr_un far = address("none/socket");
  SHOW(bind(MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), ADDRESS(far)));
}
