/* shmget(2), shmat(2), shmdt(2), shmctl(2): ERRORS, IPC_EXCL, sizes, fixed addresses, SHM_RND and SHM_REMAP. */
#include "../check.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void) {
  key_t key = 0x70000000 | (getpid() & 0xffffff);
  SHOW(shmget(key, PAGE, 0600));
  SHOW(shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600));
  int id = WORKS(shmget(key, PAGE, IPC_CREAT | 0600));
  SHOW(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600));
  SHOW(shmget(key, PAGE + 1, 0600));
  IS(shmget(key, 0, 0600) == id);
  IS(shmget(key, 1, IPC_CREAT | 0600) == id);
  char *space = MUST_MAP(mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  WORKS(shmat(id, space + PAGE, 0));
  WORKS(shmat(id, space + PAGE + 5, SHM_REMAP));
  IS(shmat(id, space + PAGE, SHM_REMAP) == space + PAGE);
  IS(shmat(id, space + 3 * PAGE + 5, SHM_REMAP | SHM_RND) == space + 3 * PAGE);
  WORKS(shmat(id, NULL, SHM_REMAP));
  WORKS(shmat(-1, NULL, 0));
  SHOW(shmdt(space));
  SHOW(shmdt(space + PAGE + 1));
  SHOW(shmdt(space + PAGE));
  SHOW(shmdt(space + PAGE));
  SHOW(shmctl(id, 99, NULL));
  SHOW(shmctl(-1, IPC_STAT, NULL));
  SHOW(shmctl(id, IPC_STAT, (void *)8));
  SHOW(shmctl(id, IPC_RMID, NULL));
  SHOW(shmget(key, PAGE, 0600));
}
