/* posix_spawn(3): file actions, attributes, and the error of a program that is not there. */
#include "../check.h"
#include <spawn.h>

int main(int argc, char **argv) {
  if (argc > 1) {
    char text[20] = "";
    sigset_t set;
    MUST(sigprocmask(SIG_BLOCK, NULL, &set));
    say("spawned %s, SIGUSR1 %d, group %s, ", argv[1], sigismember(&set, SIGUSR1), getpgrp() == getpid() ? "own" : "another");
    say("read %ld: %s, environment %s\n", (long)read(0, text, 10), text, getenv("WHO"));
    return 12;
  }
  scratch();
  close(file_with_text("input", "from a file"));
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t set;
  pid_t pid;
  int status;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  posix_spawn_file_actions_init(&actions);
  SHOW_ERROR(posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0));
  SHOW_ERROR(posix_spawn_file_actions_adddup2(&actions, 1, 7));
  SHOW_ERROR(posix_spawn_file_actions_addclose(&actions, 7));
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &set);
  posix_spawnattr_setpgroup(&attributes, 0);
  char *arguments[] = {argv[0], "first", NULL}, *environment[] = {"WHO=a child", NULL};
  int error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments, environment);
  MUST(waitpid(pid, &status, 0));
  SHOW(error);
  say_status("child", status);
  SHOW_ERROR(posix_spawn(&pid, "/none", NULL, NULL, arguments, environment));
  SHOW(waitpid(-1, &status, 0));
  posix_spawn_file_actions_addopen(&actions, 5, "none", O_RDONLY, 0);
  SHOW_ERROR(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environment));
}
