/*
 * A pthread mutex inside a named segment of POSIX shared memory, with PTHREAD_PROCESS_SHARED: four processes count to
 * 40000 under it. The segment is in /dev/shm while it has a name.
 * Lesson: the mutex lives in the memory that it protects, is initialised by one process, and says that it is shared.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "/pml4_mutex"
#define PROCESSES 4
#define TURNS 10000

struct region {
  pthread_mutex_t mutex;
  int counter;
};

int main(void) {
  int fd = shm_open(NAME, O_CREAT | O_RDWR, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(struct region)) != 0) return 1;
  struct region *region = mmap(NULL, sizeof *region, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  printf("in /dev/shm: %s\n", access("/dev/shm" NAME, F_OK) == 0 ? "yes" : "no");
  fflush(stdout);

  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&region->mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);

  for (int process = 0; process < PROCESSES; process++) {
    if (fork() != 0) continue;
    for (int turn = 0; turn < TURNS; turn++) {
      pthread_mutex_lock(&region->mutex);
      region->counter++;
      pthread_mutex_unlock(&region->mutex);
    }
    _exit(0);
  }
  while (wait(NULL) > 0)
    ;
  printf("counter = %d\n", region->counter);
  shm_unlink(NAME);
  printf("in /dev/shm: %s\n", access("/dev/shm" NAME, F_OK) == 0 ? "yes" : "no");
  return 0;
}
