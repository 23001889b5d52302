/* setpgid(2): EACCES for a child that has executed a program; setsid(2) and getsid(2). */
#include "../check.h"

int main(int argc, char **argv) {
  if (argc > 1) {
    gate_open((Gate){{-1, atoi(argv[1])}});
    for (;;) pause();
  }
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    char text[16];
    snprintf(text, sizeof text, "%d", gate.fds[1]);
    MUST(execl("/proc/self/exe", argv[0], text, (char *)NULL));
  }
  gate_pass(gate);
  SHOW(setpgid(child, 0));
  IS(getsid(child) == getsid(0));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
  SHOW(getsid(child));
  child = MUST(fork());
  if (child == 0) {
    MUST(setsid());
    gate_open(gate);
    for (;;) pause();
  }
  gate_pass(gate);
  IS(getsid(child) == child);
  SHOW(setpgid(child, 0));
  SHOW(setpgid(0, child));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
}
