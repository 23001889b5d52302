/* SIGSTOP, SIGTSTP and SIGCONT: a stopped process does nothing, SIGCONT drops pending stops, a handler of SIGCONT runs. */
#include "../check.h"

static void handler(int number) { say("child: %s\n", signal_name(number)); }

int main(void) {
  volatile int *counter = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int status;
  pid_t child = MUST(fork());
  if (child == 0) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGCONT, &action, NULL);
    for (;;) (*counter)++, sleep_ms(1);
  }
  while (*counter == 0) sleep_ms(1);
  MUST(kill(child, SIGSTOP));
  MUST(waitpid(child, &status, WUNTRACED));
  say_status("child", status);
  int before = *counter;
  sleep_ms(30);
  IS(*counter == before);
  MUST(kill(child, SIGUSR1));
  SHOW(waitpid(child, &status, WNOHANG));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, &status, 0));
  say_status("child", status);
  child = MUST(fork());
  if (child == 0) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTSTP);
    raise(SIGCONT);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    say("not stopped\n");
    signal(SIGTSTP, handler);
    raise(SIGTSTP);
    _exit(0);
  }
  MUST(waitpid(child, &status, WUNTRACED));
  say_status("child", status);
}
