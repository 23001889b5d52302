/* unix(7), SCM_RIGHTS: a descriptor goes to another process: the same open file, with its offset; SCM_CREDENTIALS. */
#include "../check.h"
#include <sys/socket.h>

static void send_fds(int socket, const int *fds, int count) {
  char control[CMSG_SPACE(4 * sizeof(int))] = {0};
  struct iovec vector = {"fds", 3};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  SHOW(sendmsg(socket, &message, 0));
}
static int receive_fds(int socket, int *fds, size_t room) {
  char control[CMSG_SPACE(4 * sizeof(int))], text[10];
  struct iovec vector = {text, sizeof text};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  SHOW(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (message.msg_flags & MSG_CTRUNC) say("truncated\n");
  if (header == NULL) return 0;
  int count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(fds, CMSG_DATA(header), count * sizeof(int));
  return count;
}

int main(void) {
  scratch();
  int pair[2], fds[4], ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    fds[0] = file_with_text("file", "0123456789");
    MUST(lseek(fds[0], 3, SEEK_SET));
    MUST(pipe(ends));
    fds[1] = ends[1];
    send_fds(pair[1], fds, 2);
    gate_open(gate);
    char text[10] = "";
    MUST(close(ends[1]));
    MUST(read(ends[0], text, 9));
    say("child read %s\n", text);
    SHOW(lseek(fds[0], 0, SEEK_CUR));
    _exit(0);
  }
  gate_pass(gate);
  SHOW(receive_fds(pair[0], fds, CMSG_SPACE(4 * sizeof(int))));
  SHOW(fcntl(fds[0], F_GETFD));
  char text[4] = "";
  SHOW(read(fds[0], text, 3));
  say("%s\n", text);
  MUST(write(fds[1], "by right", 8));
  MUST(waitpid(child, NULL, 0));
  MUST(pipe(ends));
  send_fds(pair[1], ends, 2);
  SHOW(receive_fds(pair[0], fds, CMSG_LEN(sizeof(int))));
  fds[0] = 999;
  send_fds(pair[1], fds, 1);
}
