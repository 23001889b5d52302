/* System V shared memory is detached by execve(2) and exit(2); its contents stay for who attaches next. */
#include "../check.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(int argc, char **argv) {
  struct shmid_ds status;
  if (argc > 1) {
    int id = atoi(argv[1]);
    MUST(shmctl(id, IPC_STAT, &status));
    say("after execve: %ld attached\n", (long)status.shm_nattch);
    char *there = MAPS(shmat(id, NULL, 0));
    say("%s\n", there);
    return 3;
  }
  int id = MUST(shmget(IPC_PRIVATE, PAGE, 0600));
  char *here = MUST_MAP(shmat(id, NULL, 0));
  strcpy(here, "kept");
  IN_CHILD("child") {
    char text[20];
    snprintf(text, sizeof text, "%d", id);
    MUST(execv("/proc/self/exe", (char *[]){argv[0], text, NULL}));
  }
  MUST(shmctl(id, IPC_STAT, &status));
  SHOW(status.shm_nattch);
  MUST(shmctl(id, IPC_RMID, NULL));
}
