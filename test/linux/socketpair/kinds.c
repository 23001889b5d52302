/* socketpair(2), unix(7): streams, datagrams and sequenced packets: boundaries, truncation, end of file, errors. */
#include "../check.h"
#include <sys/socket.h>

int main(void) {
  int pair[2];
  char text[20] = "";
  signal(SIGPIPE, SIG_IGN);
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  SHOW(write(pair[0], "one", 3));
  SHOW(write(pair[0], "two", 3));
  SHOW(read(pair[1], text, 10));
  say("%s\n", text);
  SHOW(recv(pair[1], text, 10, MSG_DONTWAIT));
  SHOW(send(pair[1], "back", 4, 0));
  SHOW(recv(pair[0], text, 2, MSG_PEEK));
  SHOW(recv(pair[0], text, 10, 0));
  SHOW(shutdown(pair[0], SHUT_WR));
  SHOW(read(pair[1], text, 10));
  SHOW(write(pair[0], "x", 1));
  SHOW(write(pair[1], "x", 1));
  MUST(close(pair[0]));
  SHOW(write(pair[1], "x", 1));
  SHOW(read(pair[1], text, 1));
  SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  SHOW(write(pair[0], "one", 3));
  SHOW(write(pair[0], "two", 3));
  SHOW(write(pair[0], "", 0));
  SHOW(recv(pair[1], text, 2, 0));
  SHOW(recv(pair[1], text, 10, MSG_TRUNC));
  SHOW(recv(pair[1], text, 10, 0));
  SHOW(recv(pair[1], text, 10, MSG_DONTWAIT));
  SHOW(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
  SHOW(write(pair[0], "packet", 6));
  SHOW(write(pair[0], "next", 4));
  SHOW(read(pair[1], text, 3));
  SHOW(read(pair[1], text, 10));
  SHOW(read(pair[1], text, 10));
  MUST(close(pair[0]));
  SHOW(read(pair[1], text, 10));
  SHOW(socketpair(AF_UNIX, 99, 0, pair));
  SHOW(socketpair(AF_INET, SOCK_STREAM, 0, pair));
  SHOW(socketpair(999, SOCK_STREAM, 0, pair));
  SHOW(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8));
  SHOW(recv(0x999, text, 1, 0));
}
