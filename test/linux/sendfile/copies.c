/* sendfile(2): from a file to a pipe, a file, a socket; the offset that is kept or moved; errors. */
#include "../check.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

int main(void) {
  scratch();
  int in = file_with_text("in", "0123456789"), out = MUST(open("out", O_RDWR | O_CREAT, 0600));
  int ends[2], pair[2];
  char text[20] = "";
  off_t offset = 2;
  SHOW(sendfile(out, in, &offset, 4));
  SHOW(offset);
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(sendfile(out, in, NULL, 3));
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(sendfile(out, in, NULL, 100));
  SHOW(sendfile(out, in, NULL, 100));
  say("%s\n", text_of("out"));
  MUST(pipe(ends));
  offset = 0;
  SHOW(sendfile(ends[1], in, &offset, 5));
  SHOW(read(ends[0], text, sizeof text));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  offset = 5;
  SHOW(sendfile(pair[0], in, &offset, 50));
  SHOW(read(pair[1], text, sizeof text));
  say("%.5s\n", text);
  SHOW(sendfile(out, ends[0], NULL, 1));
  SHOW(sendfile(out, 999, NULL, 1));
  SHOW(sendfile(999, in, NULL, 1));
  SHOW(sendfile(MUST(open("in", O_RDONLY)), in, NULL, 1));
  SHOW(sendfile(MUST(open("out", O_WRONLY | O_APPEND)), in, NULL, 1));
  offset = -1;
  SHOW(sendfile(out, in, &offset, 1));
  SHOW(syscall(SYS_sendfile, out, in, 8, 1));
}
