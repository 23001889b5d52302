/* Terminals and job control: a session's terminal, foreground groups, SIGINT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH, SIGHUP. */
#include "../check.h"
#include <sys/ioctl.h>
#include <termios.h>

static void handler(int number) { say("leader: %s\n", signal_name(number)); }

int main(void) {
  int master = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  MUST(grantpt(master));
  MUST(unlockpt(master));
  char *name = ptsname(master);
  Gate ready = gate_new();
  pid_t leader = MUST(fork());
  if (leader == 0) {
    int status;
    sigset_t blocked, empty;
    MUST(close(master));
    MUST(setsid());
    SHOW(open("/dev/tty", O_RDWR));
    int terminal = MUST(open(name, O_RDWR));
    WORKS(open("/dev/tty", O_RDWR));
    IS(tcgetsid(terminal) == getpid() && tcgetpgrp(terminal) == getpid());
    signal(SIGTTOU, SIG_IGN);
    signal(SIGWINCH, handler);
    signal(SIGHUP, handler);
    sigemptyset(&empty);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGWINCH);
    sigaddset(&blocked, SIGHUP);
    pid_t job = MUST(fork());
    if (job == 0) {
      signal(SIGTTOU, SIG_DFL);
      setpgid(0, 0);
      for (;;) pause();
    }
    MUST(setpgid(job, job));
    SHOW(tcsetpgrp(terminal, job));
    gate_open(ready);
    MUST(waitpid(job, &status, WUNTRACED));
    say_status("job", status);
    SHOW(tcsetpgrp(terminal, getpid()));
    MUST(kill(job, SIGCONT));
    SHOW(tcsetpgrp(terminal, job));
    gate_open(ready);
    MUST(waitpid(job, &status, WUNTRACED));
    say_status("job", status);
    SHOW(tcsetpgrp(terminal, getpid()));
    for (int i = 0; i < 2; i++) {
      job = MUST(fork());
      if (job == 0) {
        char byte;
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        struct termios settings;
        if (i == 0) MUST(read(terminal, &byte, 1));
        else MUST(tcgetattr(terminal, &settings)), MUST(tcsetattr(terminal, TCSANOW, &settings));
        _exit(0);
      }
      MUST(waitpid(job, &status, WUNTRACED));
      say_status("background", status);
      MUST(kill(job, SIGKILL));
      MUST(waitpid(job, &status, 0));
    }
    SHOW(tcsetpgrp(terminal, 0x3fffffff));
    MUST(sigprocmask(SIG_BLOCK, &blocked, NULL));
    gate_open(ready);
    sigsuspend(&empty);
    gate_open(ready);
    sigsuspend(&empty);
    _exit(0);
  }
  gate_pass(ready);
  sleep_ms(20);
  MUST(write(master, "\x1a", 1));
  gate_pass(ready);
  sleep_ms(20);
  MUST(write(master, "\x03", 1));
  gate_pass(ready);
  sleep_ms(20);
  struct winsize size = {10, 20, 0, 0};
  MUST(ioctl(master, TIOCSWINSZ, &size));
  gate_pass(ready);
  sleep_ms(20);
  MUST(close(master));
  int status;
  MUST(waitpid(leader, &status, 0));
  say_status("leader", status);
}
