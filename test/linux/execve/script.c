/* execve(2) of a script: the interpreter gets its one optional argument, the script's path, and the rest. */
#include "../check.h"

int main(int argc, char **argv) {
  if (getenv("INSIDE")) {
    for (int i = 1; i < argc; i++) say("%d: [%s]\n", i, argv[i]);
    return argc;
  }
  scratch();
  char exe[PATH_MAX] = "", text[PATH_MAX + 100];
  MUST(readlink("/proc/self/exe", exe, sizeof exe - 1));
  MUST(symlink(exe, "interpreter"));
  setenv("INSIDE", "1", 1);
  /* The one executable of all programs finds this one by its first argument. */
  snprintf(text, sizeof text, "#! ./interpreter \t%s and more \t\nrest\n", "execve/script");
  close(file_with_text("script", text));
  MUST(chmod("script", 0755));
  close(file_with_text("nested", "#!./script\n"));
  MUST(chmod("nested", 0755));
  IN_CHILD("child") MUST(execl("./script", "lost", "one", "two", (char *)NULL));
  (void)argv;
}
