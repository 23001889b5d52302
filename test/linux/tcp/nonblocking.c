/* tcp(7) without blocking: EAGAIN, EINPROGRESS, poll(2) and SO_ERROR tell when and how a connection came about. */
#include "../check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define ADDRESS(a) (struct sockaddr *)&(a), sizeof(a)

static int error_of(int fd) {
  int error;
  socklen_t length = sizeof error;
  MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
  return error;
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  char byte;
  signal(SIGPIPE, SIG_IGN);
  int server = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  MUST(bind(server, ADDRESS(address)));
  MUST(listen(server, 1));
  MUST(getsockname(server, (struct sockaddr *)&address, &length));
  SHOW(accept(server, NULL, NULL));
  int client = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  int result = connect(client, ADDRESS(address));
  IS(result == 0 || errno == EINPROGRESS);
  struct pollfd poller = {client, POLLOUT, 0};
  SHOW(poll(&poller, 1, 1000));
  SHOW(poller.revents == POLLOUT);
  SHOW(error_of(client));
  poller = (struct pollfd){server, POLLIN, 0};
  SHOW(poll(&poller, 1, 1000));
  int connection = WORKS(accept4(server, NULL, NULL, SOCK_NONBLOCK));
  SHOW(connect(client, ADDRESS(address)));
  SHOW(read(connection, &byte, 1));
  MUST(write(client, "x", 1));
  poller = (struct pollfd){connection, POLLIN, 0};
  SHOW(poll(&poller, 1, 1000));
  SHOW(read(connection, &byte, 1));
  MUST(close(client));
  SHOW(poll(&poller, 1, 1000));
  SHOW(read(connection, &byte, 1));
  MUST(close(server));
  client = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  result = connect(client, ADDRESS(address));
  IS(result == -1 && (errno == EINPROGRESS || errno == ECONNREFUSED));
  bool later = errno == EINPROGRESS;
  poller = (struct pollfd){client, POLLOUT, 0};
  SHOW(poll(&poller, 1, 1000));
  IS(!later || error_of(client) == ECONNREFUSED);
}
