/* tcp(7) over the loopback: bind to a free port, listen, accept, shut down, reset, options, errors. */
#include "../check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define ADDRESS(a) (struct sockaddr *)&(a), sizeof(a)

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
  socklen_t length = sizeof address;
  int server = WORKS(socket(AF_INET, SOCK_STREAM, 0)), one = 1, value;
  SHOW(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  SHOW(bind(server, ADDRESS(address)));
  SHOW(listen(server, 5));
  SHOW(getsockname(server, (struct sockaddr *)&address, &length));
  IS(address.sin_port != 0);
  SHOW(bind(MUST(socket(AF_INET, SOCK_STREAM, 0)), ADDRESS(address)));
  pid_t child = MUST(fork());
  if (child == 0) {
    int client = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(client, ADDRESS(address)));
    MUST(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
    char block[1000];
    for (int i = 0; i < 200; i++) {
      memset(block, 'a' + i % 26, sizeof block);
      for (int done = 0; done < (int)sizeof block;) done += MUST(write(client, block + done, sizeof block - done));
    }
    MUST(shutdown(client, SHUT_WR));
    char text[32] = "";
    for (int used = 0, count; (count = MUST(read(client, text + used, sizeof text - used - 1))) > 0;) used += count;
    say("client got %s\n", text);
    _exit(0);
  }
  length = sizeof peer;
  int connection = WORKS(accept(server, (struct sockaddr *)&peer, &length));
  IS(peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && peer.sin_port != address.sin_port);
  char bytes[4096];
  long total = 0, sum = 0, count;
  while ((count = MUST(read(connection, bytes, sizeof bytes))) > 0) {
    total += count;
    for (long i = 0; i < count; i++) sum += bytes[i];
  }
  SHOW(total);
  SHOW(sum);
  MUST(write(connection, "thanks", 6));
  MUST(close(connection));
  MUST(waitpid(child, NULL, 0));
  length = sizeof value;
  SHOW(getsockopt(server, SOL_SOCKET, SO_TYPE, &value, &length));
  SHOW(value == SOCK_STREAM);
  SHOW(getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &value, &length));
  SHOW(value);
  SHOW(getsockopt(server, SOL_SOCKET, SO_ERROR, &value, &length));
  SHOW(value);
  MUST(close(server));
  SHOW(connect(MUST(socket(AF_INET, SOCK_STREAM, 0)), ADDRESS(address)));
  SHOW(recv(MUST(socket(AF_INET, SOCK_STREAM, 0)), bytes, 1, 0));
  SHOW(listen(0x999, 1));
}
