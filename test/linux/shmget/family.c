/* shmget(2), shmat(2), shmdt(2): System V shared memory in parent and child; it lives until it is removed and detached. */
#include "../check.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void) {
  int id = WORKS(shmget(IPC_PRIVATE, 2 * PAGE - 1, IPC_CREAT | 0600));
  char *here = MAPS(shmat(id, NULL, 0));
  char *twice = MAPS(shmat(id, NULL, SHM_RDONLY));
  IS(here != twice);
  strcpy(here, "text");
  say("%s %d\n", twice, here[2 * PAGE - 1]);
  FAULT(twice, *twice = 1);
  struct shmid_ds status;
  SHOW(shmctl(id, IPC_STAT, &status));
  SHOW(status.shm_segsz);
  SHOW(status.shm_nattch);
  SHOW(status.shm_perm.mode);
  IS(status.shm_cpid == getpid() && status.shm_lpid == getpid());
  IN_CHILD("child") {
    MUST(shmctl(id, IPC_STAT, &status));
    SHOW(status.shm_nattch);
    strcpy(here, "by the child");
  }
  say("%s\n", twice);
  SHOW(shmctl(id, IPC_RMID, NULL));
  SHOW(shmctl(id, IPC_STAT, &status));
  SHOW(status.shm_nattch);
  SHOW(shmdt(here));
  say("%s\n", twice);
  SHOW(shmdt(twice));
  SHOW(shmctl(id, IPC_STAT, &status));
  FAULT(twice, (void)*(volatile char *)twice);
}
