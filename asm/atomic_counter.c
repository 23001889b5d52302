/*
 * The case study's own program in C: parent and child count to 200000 together with atomic_fetch_add. Without it, some
 * updates would be lost (lost_update).
 * Lesson: the mapping has to be MAP_SHARED, and the addition has to be atomic; neither replaces the other.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  atomic_int *counter = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  atomic_init(counter, 0);

  pid_t pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 100000; i++) atomic_fetch_add(counter, 1);
    _exit(0);
  }
  for (int i = 0; i < 100000; i++) atomic_fetch_add(counter, 1);

  waitpid(pid, NULL, 0);
  printf("final = %d\n", atomic_load(counter));
  munmap(counter, sizeof *counter);
  return 0;
}
