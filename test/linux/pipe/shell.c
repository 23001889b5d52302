/* A pipeline of three processes as a shell makes it: dup2(2), close(2), and every end of file. */
#include "../check.h"

static void upper(void) {
  char byte;
  while (read(0, &byte, 1) == 1) {
    if (byte >= 'a' && byte <= 'z') byte -= 32;
    MUST(write(1, &byte, 1));
  }
}
static void number(void) {
  char byte, line[200];
  int used = 0, count = 0;
  while (read(0, &byte, 1) == 1) {
    line[used++] = byte;
    if (byte != '\n') continue;
    line[used] = 0, used = 0;
    say("%d: %s", ++count, line);
  }
}
static void words(void) {
  const char *lines[] = {"the first line\n", "second\n", "", "the end\n"};
  for (unsigned i = 0; i < COUNT(lines); i++) MUST(write(1, lines[i], strlen(lines[i])));
}

int main(void) {
  void (*const stages[])(void) = {words, upper, number};
  int from = -1, ends[2], status;
  for (int i = 0; i < 3; i++) {
    if (i < 2) MUST(pipe(ends));
    if (MUST(fork()) == 0) {
      if (from >= 0) MUST(dup2(from, 0)), MUST(close(from));
      if (i < 2) MUST(dup2(ends[1], 1)), MUST(close(ends[0])), MUST(close(ends[1]));
      stages[i]();
      _exit(i);
    }
    if (from >= 0) MUST(close(from));
    if (i < 2) MUST(close(ends[1])), from = ends[0];
  }
  int sum = 0;
  for (int i = 0; i < 3; i++) MUST(wait(&status)), sum += WEXITSTATUS(status);
  SHOW(sum);
}
