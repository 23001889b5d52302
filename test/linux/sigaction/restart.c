/* sigaction(2), SA_RESTART: read(2), wait(2) and futexes go on after the handler; without it they give EINTR. */
#include "../check.h"

static volatile sig_atomic_t count;
static void handler(int number) { (void)number, count++; }

static void install(int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  MUST(sigaction(SIGUSR1, &action, NULL));
}

/* A child that sends the signal once we sleep, and then does what would have woken us anyway. */
static pid_t sender(int fd) {
  pid_t child = MUST(fork());
  if (child == 0) {
    let_it_sleep();
    kill(getppid(), SIGUSR1);
    let_it_sleep();
    if (fd >= 0) (void)!write(fd, "x", 1);
    _exit(4);
  }
  return child;
}

int main(void) {
  int ends[2], status;
  char byte;
  MUST(pipe(ends));
  for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
    say("%s\n", flags ? "SA_RESTART" : "without");
    install(flags);
    pid_t child = sender(ends[1]);
    SHOW(read(ends[0], &byte, 1));
    while (waitpid(child, NULL, 0) < 0)
      ;
    if (!flags) MUST(read(ends[0], &byte, 1));
    child = sender(-1);
    long result = SHOW(waitpid(child, &status, 0) > 0);
    if (!result) MUST(waitpid(child, &status, 0));
    child = sender(ends[1]);
    struct pollfd poller = {ends[0], POLLIN, 0};
    SHOW(poll(&poller, 1, -1));
    while (waitpid(child, NULL, 0) < 0)
      ;
    MUST(read(ends[0], &byte, 1));
    SHOW(count);
  }
}
