/* System calls and switches between processes: two processes hand a number to and fro through two pipes. */
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS 60000

int main(void) {
  int there[2], back[2];
  if (pipe(there) || pipe(back)) return 1;
  uint64_t number = 1;
  if (fork() == 0) {
    close(there[1]);
    while (read(there[0], &number, sizeof number) == sizeof number) {
      number = number * 6364136223846793005 + 1;
      if (write(back[1], &number, sizeof number) != sizeof number) return 2;
    }
    return 0;
  }
  close(there[0]);
  for (int turn = 0; turn < TURNS; turn++) {
    number ^= turn;
    if (write(there[1], &number, sizeof number) != sizeof number) return 3;
    if (read(back[0], &number, sizeof number) != sizeof number) return 4;
  }
  close(there[1]);
  int status;
  wait(&status);
  printf("%lx %d\n", number, WEXITSTATUS(status));
  return 0;
}
