/* vfork(2): the parent waits until the child exits or executes, and sees what the child wrote. */
#include "../check.h"

static volatile int steps;

int main(int argc, char **argv) {
  if (argc > 1) {
    let_it_sleep();
    say("executed\n");
    return 6;
  }
  int status;
  pid_t child = vfork();
  if (child == 0) {
    steps++;
    say("child\n");
    _exit(5);
  }
  say("parent, steps = %d\n", steps);
  MUST(waitpid(child, &status, 0));
  say_status("child", status);
  child = vfork();
  if (child == 0) {
    steps++;
    execv("/proc/self/exe", (char *[]){argv[0], "again", NULL});
    _exit(127);
  }
  say("parent, steps = %d\n", steps);
  MUST(waitpid(child, &status, 0));
  say_status("child", status);
}
