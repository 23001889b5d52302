/* fork(2) and copy-on-write: forty children in turn, each of which writes to a quarter of 16 MiB and reads the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 4096
#define PAGE 4096

int main(void) {
  unsigned char *memory = malloc(PAGES * PAGE);
  for (int page = 0; page < PAGES; page++) memory[page * PAGE] = page;
  long sum = 0;
  for (int child = 0; child < 40; child++) {
    if (fork() == 0) {
      unsigned seen = child;
      for (int page = 0; page < PAGES; page++) {
        if (page % 4 == child % 4) memory[page * PAGE] += child;
        seen = seen * 31 + memory[page * PAGE];
      }
      _exit(seen & 127);
    }
    int status;
    wait(&status);
    sum = sum * 3 + WEXITSTATUS(status);
    memory[child * PAGE]++;
  }
  printf("%lx\n", sum);
  return 0;
}
