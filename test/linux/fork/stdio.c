/* fork(2) and stdio: what is in a buffer at the fork is in both; _exit(2) drops it, exit(3) writes it and runs atexit(3) functions. */
#include "../check.h"

static void last(void) { say("atexit in %s\n", getenv("WHO")); }

int main(void) {
  scratch();
  FILE *file = fopen("data", "w");
  fputs("before ", file);
  atexit(last);
  setenv("WHO", "parent", 1);
  for (int i = 0; i < 2; i++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      setenv("WHO", "child", 1);
      fprintf(file, "child%d ", i);
      if (i == 0) _exit(0);
      exit(0);
    }
    MUST(waitpid(child, NULL, 0));
  }
  fputs("parent", file);
  fclose(file);
  say("%s\n", text_of("data"));
}
