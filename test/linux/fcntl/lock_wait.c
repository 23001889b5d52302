/* fcntl(2), F_SETLKW: waits for the other process; EDEADLK when they would wait for each other; EINTR. */
#include "../check.h"

static struct flock range(int type, off_t start) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = 1};
}
static void handler(int number) { (void)number; }

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  Gate locked = gate_new(), release = gate_new();
  struct flock lock = range(F_WRLCK, 0);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(fcntl(fd, F_SETLKW, &lock));
    gate_open(locked);
    gate_pass(release);
    lock = range(F_WRLCK, 1);
    say("child waits for the parent\n");
    MUST(fcntl(fd, F_SETLKW, &lock));
    say("child has it\n");
    _exit(0);
  }
  gate_pass(locked);
  lock = range(F_WRLCK, 1);
  SHOW(fcntl(fd, F_SETLKW, &lock));
  lock = range(F_WRLCK, 0);
  SHOW(fcntl(fd, F_SETLK, &lock));
  struct sigaction action = {.sa_handler = handler};
  MUST(sigaction(SIGALRM, &action, NULL));
  struct itimerspec time = {.it_value = {0, 30000000}};
  timer_t timer;
  MUST(timer_create(CLOCK_MONOTONIC, NULL, &timer));
  MUST(timer_settime(timer, 0, &time, NULL));
  SHOW(fcntl(fd, F_SETLKW, &lock));
  gate_open(release);
  let_it_sleep();
  SHOW(fcntl(fd, F_SETLKW, &lock));
  lock = range(F_UNLCK, 1);
  say("parent unlocks\n");
  MUST(fcntl(fd, F_SETLK, &lock));
  lock = range(F_WRLCK, 0);
  MUST(fcntl(fd, F_SETLKW, &lock));
  say("parent has the other\n");
  MUST(waitpid(child, NULL, 0));
}
