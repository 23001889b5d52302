/* execve(2) of a script: the interpreter gets its one optional argument, the script's path, and the rest. */
#include "../check.h"

int main(int argc, char **argv) {
  if (getenv("INSIDE")) {
    for (int i = 1; i < argc; i++) say("%d: [%s]\n", i, argv[i]);
    return argc;
  }
  scratch();
  char exe[PATH_MAX] = "";
  MUST(readlink("/proc/self/exe", exe, sizeof exe - 1));
  /* The one executable of all programs finds this one by argv[0], which is the interpreter as the script names it. */
  MUST(mkdir("execve", 0755));
  MUST(symlink(exe, "execve/script"));
  setenv("INSIDE", "1", 1);
  close(file_with_text("script", "#! execve/script \tone and more \t\nrest\n"));
  MUST(chmod("script", 0755));
  close(file_with_text("nested", "#!./script\n"));
  MUST(chmod("nested", 0755));
  IN_CHILD("child") MUST(execl("./script", "lost", "one", "two", (char *)NULL));
  (void)argv;
}
