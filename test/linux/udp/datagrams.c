/* udp(7) over the loopback: sendto(2), recvfrom(2), connected sockets, truncation, ECONNREFUSED. */
#include "../check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define ADDRESS(a) (struct sockaddr *)&(a), sizeof(a)

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from, mine;
  socklen_t length = sizeof address;
  char text[20] = "";
  int a = WORKS(socket(AF_INET, SOCK_DGRAM, 0)), b = WORKS(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  SHOW(bind(a, ADDRESS(address)));
  SHOW(getsockname(a, (struct sockaddr *)&address, &length));
  SHOW(sendto(b, "one", 3, 0, ADDRESS(address)));
  SHOW(sendto(b, "second", 6, 0, ADDRESS(address)));
  length = sizeof from;
  SHOW(recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &length));
  length = sizeof mine;
  MUST(getsockname(b, (struct sockaddr *)&mine, &length));
  IS(from.sin_port == mine.sin_port && mine.sin_port != 0);
  SHOW(recv(a, text, 3, 0));
  SHOW(recv(b, text, 3, 0));
  SHOW(sendto(a, "answer", 7, 0, ADDRESS(from)));
  struct pollfd poller = {b, POLLIN, 0};
  SHOW(poll(&poller, 1, 1000));
  SHOW(recv(b, text, sizeof text, 0));
  say("%s\n", text);
  SHOW(send(b, "x", 1, 0));
  SHOW(connect(b, ADDRESS(address)));
  SHOW(send(b, "", 0, 0));
  SHOW(recv(a, text, sizeof text, 0));
  MUST(close(a));
  SHOW(send(b, "x", 1, 0));
  sleep_ms(20);
  SHOW(send(b, "x", 1, 0));
  SHOW(socket(AF_INET, SOCK_DGRAM, 6));
  SHOW(socket(AF_INET, 77, 0));
  SHOW(socket(99, SOCK_DGRAM, 0));
  SHOW(getpeername(MUST(socket(AF_INET, SOCK_DGRAM, 0)), (struct sockaddr *)&from, &length));
}
