/* F_ADD_SEALS of fcntl(2): what each seal forbids; seals only ever come, until F_SEAL_SEAL. */
#include "../check.h"

int main(void) {
  int fd = MUST(memfd_create("sealed", MFD_ALLOW_SEALING));
  SHOW(fcntl(fd, F_GET_SEALS));
  MUST(ftruncate(fd, PAGE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  SHOW(ftruncate(fd, PAGE - 1));
  SHOW(ftruncate(fd, PAGE));
  SHOW(ftruncate(fd, 2 * PAGE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(ftruncate(fd, 3 * PAGE));
  SHOW(pwrite(fd, "x", 1, 2 * PAGE));
  SHOW(pwrite(fd, "xyz", 3, 2 * PAGE - 1));
  SHOW(fallocate(fd, 0, 0, 3 * PAGE));
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(fcntl(fd, F_ADD_SEALS, 0x4000));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(write(fd, "x", 1));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
  MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  SHOW(fcntl(fd, F_GET_SEALS));
}
