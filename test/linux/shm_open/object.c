/* shm_open(3), shm_unlink(3): an object by name, at two addresses in two processes; what a pointer in it means. */
#include "../check.h"

int main(void) {
  char name[32];
  snprintf(name, sizeof name, "/pml4-%d", getpid());
  SHOW(shm_open("/pml4-that-is-not-there", O_RDWR, 0));
  int fd = WORKS(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
  SHOW(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(size_of(fd));
  SHOW(ftruncate(fd, PAGE));
  char *map = MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  MUST(close(fd));
  IN_CHILD("child") {
    int mine = WORKS(shm_open(name, O_RDWR, 0));
    char *other = MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, mine, 0));
    IS(other != map);
    strcpy(other, "by another address");
    memcpy(other + 64, &other, sizeof other);
  }
  say("%s\n", map);
  char *pointer;
  memcpy(&pointer, map + 64, sizeof pointer);
  FAULT(pointer, (void)*(volatile char *)pointer);
  SHOW(shm_unlink(name));
  SHOW(shm_unlink(name));
  SHOW(shm_open(name, O_RDWR, 0));
  say("%s\n", map);
}
