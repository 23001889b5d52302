/* pselect(2), ppoll(2), epoll_pwait(2): the mask holds while they wait, so a signal cannot slip in between. */
#include "../check.h"
#include <sys/epoll.h>
#include <sys/select.h>

static volatile sig_atomic_t count;
static void handler(int number) { (void)number, count++; }

int main(void) {
  sigset_t blocked, empty;
  sigemptyset(&empty);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  signal(SIGUSR1, handler);
  MUST(sigprocmask(SIG_BLOCK, &blocked, NULL));
  struct timespec time = {5, 0};
  struct epoll_event event;
  int epoll = MUST(epoll_create1(0));
  raise(SIGUSR1);
  SHOW(count);
  SHOW(pselect(0, NULL, NULL, NULL, &time, &empty));
  SHOW(count);
  raise(SIGUSR1);
  SHOW(ppoll(NULL, 0, &time, &empty));
  SHOW(count);
  raise(SIGUSR1);
  SHOW(epoll_pwait(epoll, &event, 1, 5000, &empty));
  SHOW(count);
  time = (struct timespec){0, 1000000};
  raise(SIGUSR1);
  SHOW(ppoll(NULL, 0, &time, NULL));
  SHOW(count);
  sigset_t now;
  MUST(sigprocmask(SIG_BLOCK, NULL, &now));
  SHOW(sigismember(&now, SIGUSR1));
}
