/*
 * System calls and switches between processes: two processes hand a number to and fro through two pipes. They are kept on
 * one processor: how fast processors wake each other up is not what is measured.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS 120000

int main(void) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  if (sched_setaffinity(0, sizeof first, &first)) return 1;
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
