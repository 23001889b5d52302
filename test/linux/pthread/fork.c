/* fork(2) in a program with threads: the child has the calling thread alone; pthread_atfork(3) runs on both sides. */
#include "../check.h"

static volatile int ticks;
static void prepare(void) { say("prepare\n"); }
static int parents;
static void parent(void) { parents++; }
static void child(void) { say("child\n"); }

static void *ticker(void *unused) {
  for (;;) ticks++, sleep_ms(1);
  return unused;
}

static void *forks(void *unused) {
  pthread_atfork(prepare, NULL, child);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    int before = ticks;
    sleep_ms(20);
    IS(ticks == before);
    IS(syscall(SYS_gettid) == getpid());
    exit(3);
  }
  int status;
  MUST(waitpid(pid, &status, 0));
  say_status("child", status);
  return unused;
}

int main(void) {
  pthread_t thread, other;
  pthread_create(&thread, NULL, ticker, NULL);
  while (ticks < 3) sleep_ms(1);
  pthread_create(&other, NULL, forks, NULL);
  pthread_join(other, NULL);
  pthread_atfork(NULL, parent, NULL);
  IN_CHILD("second") say("alone, %d\n", parents);
  SHOW(parents);
}
