/* pipe(7): order, blocking, end of file, partial reads, O_NONBLOCK, capacity, atomic writes of PIPE_BUF. */
#include "../check.h"

int main(void) {
  int ends[2];
  char bytes[70000], text[20] = "";
  memset(bytes, 'x', sizeof bytes);
  SHOW(pipe(ends));
  SHOW(write(ends[1], "one ", 4));
  SHOW(write(ends[1], "two", 3));
  SHOW(read(ends[0], text, 5));
  say("[%s]\n", text);
  SHOW(read(ends[0], text, 10));
  MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  MUST(fcntl(ends[1], F_SETFL, O_NONBLOCK));
  SHOW(read(ends[0], text, 10));
  SHOW(write(ends[1], bytes, sizeof bytes));
  SHOW(write(ends[1], bytes, 1));
  SHOW(read(ends[0], bytes, 4095));
  SHOW(write(ends[1], bytes, 4096));
  SHOW(read(ends[0], bytes, 1));
  SHOW(write(ends[1], bytes, 4096));
  MUST(fcntl(ends[1], F_SETFL, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    MUST(fcntl(ends[0], F_SETFL, 0));
    long total = 0, count;
    MUST(close(ends[1]));
    while ((count = MUST(read(ends[0], bytes, sizeof bytes))) > 0) total += count;
    say("child read %ld\n", total);
    _exit(0);
  }
  MUST(close(ends[0]));
  SHOW(write(ends[1], bytes, 70000));
  MUST(close(ends[1]));
  MUST(waitpid(child, NULL, 0));
  SHOW(read(ends[1], bytes, 1));
  SHOW(syscall(SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK));
  SHOW(fcntl(ends[0], F_GETFD));
  SHOW(syscall(SYS_pipe2, ends, O_APPEND));
  SHOW(syscall(SYS_pipe, 8));
  SHOW(write(ends[0], "x", 1));
  SHOW(read(ends[1], text, 1));
}
