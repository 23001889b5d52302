/* exit_group(2) and _exit(2): all threads end at once; a thread's own end is not the process's.
 * Each case is a program of its own: in a forked child musl's main thread cannot end. */
#include "../check.h"

static void *waits(void *unused) {
  (void)unused;
  for (;;) pause();
  return NULL;
}
static void *ends_all(void *unused) {
  (void)unused;
  exit(23);
}
static void *goes_on(void *unused) {
  (void)unused;
  sleep_ms(20);
  say("after the main thread\n");
  return NULL;
}

int main(int argc, char **argv) {
  const char *cases[] = {"exit in a thread", "pthread_exit in main", "SYS_exit in main", "killed"};
  pthread_t thread;
  for (unsigned i = 0; argc == 1 && i < COUNT(cases); i++)
    IN_CHILD(cases[i]) execl("/proc/self/exe", argv[0], cases[i], (char *)NULL);
  if (argc == 1) return 0;
  if (strcmp(argv[1], cases[0]) == 0) {
    pthread_create(&thread, NULL, waits, NULL);
    pthread_create(&thread, NULL, ends_all, NULL);
    pause();
  } else if (strcmp(argv[1], cases[1]) == 0) {
    pthread_create(&thread, NULL, goes_on, NULL);
    pthread_exit(NULL);
  } else if (strcmp(argv[1], cases[2]) == 0) {
    pthread_create(&thread, NULL, goes_on, NULL);
    syscall(SYS_exit, 9);
  } else {
    pthread_create(&thread, NULL, waits, NULL);
    pthread_kill(thread, SIGTERM);
    pause();
  }
}
