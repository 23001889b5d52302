/* unix(7): bind, listen, accept and connect by a path; names, credentials of the peer, several clients, errors. */
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
  struct sockaddr_un name = address("socket"), none = address("none"), got;
  socklen_t length;
  int server = WORKS(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SHOW(connect(server, ADDRESS(name)));
  SHOW(bind(server, ADDRESS(name)));
  SHOW(bind(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), ADDRESS(name)));
  SHOW(connect(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), ADDRESS(name)));
  SHOW(listen(server, 5));
  SHOW(connect(MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), ADDRESS(name)));
  SHOW(connect(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), ADDRESS(none)));
  struct stat status;
  MUST(stat("socket", &status));
  IS(S_ISSOCK(status.st_mode));
  SHOW(open("socket", O_RDWR));
  for (int i = 0; i < 3; i++) {
    if (MUST(fork()) != 0) continue;
    int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect(client, ADDRESS(name)));
    char text[20] = {'a' + i, 0};
    MUST(write(client, text, 1));
    MUST(read(client, text, 1));
    _exit(text[0] == 'A' + i ? 0 : 1);
  }
  int sum = 0;
  for (int i = 0; i < 3; i++) {
    length = sizeof got;
    int client = MUST(accept(server, (struct sockaddr *)&got, &length));
    if (i == 0) say("address of %d bytes, family %d\n", length, got.sun_family);
    struct ucred peer;
    socklen_t size = sizeof peer;
    MUST(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size));
    if (i == 0) IS(peer.uid == getuid() && peer.pid != getpid());
    char byte;
    MUST(read(client, &byte, 1));
    byte -= 32;
    MUST(write(client, &byte, 1));
    MUST(close(client));
  }
  for (int i = 0, code; i < 3; i++) MUST(wait(&code)), sum += WEXITSTATUS(code);
  SHOW(sum);
  length = sizeof got;
  SHOW(getsockname(server, (struct sockaddr *)&got, &length));
  say("%s %d\n", got.sun_path, length == offsetof(struct sockaddr_un, sun_path) + 7);
  SHOW(getpeername(server, (struct sockaddr *)&got, &length));
  MUST(close(server));
  SHOW(connect(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), ADDRESS(name)));
  SHOW(unlink("socket"));
}
