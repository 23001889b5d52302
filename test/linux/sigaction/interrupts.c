/* signal(7): the calls that a handler interrupts with EINTR whatever its flags: sleeps, poll, sigsuspend, pause. */
#include "../check.h"
#include <sys/epoll.h>
#include <sys/select.h>

static void handler(int number) { (void)number; }

#define INTERRUPTED(call)                     \
  do {                                        \
    pid_t child_ = MUST(fork());              \
    if (child_ == 0) {                        \
      let_it_sleep();                         \
      kill(getppid(), SIGUSR1);               \
      _exit(0);                               \
    }                                         \
    errno = 0;                                \
    show_result(#call, (call), true);         \
    MUST(waitpid(child_, NULL, 0));           \
  } while (0)

int main(void) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGUSR1, &action, NULL));
  struct timespec time = {10, 0}, left = {0};
  struct timeval timeval = {10, 0};
  INTERRUPTED(pause());
  INTERRUPTED(nanosleep(&time, &left));
  IS(left.tv_sec == 9 && left.tv_nsec > 500000000);
  INTERRUPTED(poll(NULL, 0, 10000));
  INTERRUPTED(select(0, NULL, NULL, NULL, &timeval));
  INTERRUPTED(ppoll(NULL, 0, &time, NULL));
  int epoll = MUST(epoll_create1(0));
  struct epoll_event event;
  INTERRUPTED(epoll_wait(epoll, &event, 1, 10000));
  sigset_t set;
  sigemptyset(&set);
  INTERRUPTED(sigsuspend(&set));
  sigaddset(&set, SIGUSR2);
  siginfo_t info;
  INTERRUPTED(syscall(SYS_rt_sigtimedwait, &set, &info, &time, 8));
  INTERRUPTED(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, &left));
  IS(left.tv_sec == 9);
}
