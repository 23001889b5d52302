/* execve(2) from a thread: the other threads end, and the new program has the number of the process. */
#include "../check.h"

static char **arguments;

static void *sleeper(void *unused) {
  (void)unused;
  for (;;) pause();
  return NULL;
}

static void *executor(void *unused) {
  (void)unused;
  MUST(execv("/proc/self/exe", arguments));
  return NULL;
}

int main(int argc, char **argv) {
  if (argc > 1) {
    IS(getpid() == atoi(argv[1]));
    IS(syscall(SYS_gettid) == getpid());
    return 11;
  }
  IN_CHILD("child") {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    arguments = (char *[]){argv[0], pid, NULL};
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, sleeper, NULL);
    pthread_create(&threads[1], NULL, sleeper, NULL);
    pthread_create(&threads[2], NULL, executor, NULL);
    pthread_join(threads[0], NULL);
  }
}
