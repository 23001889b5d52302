/* F_SEAL_WRITE is refused while a shared mapping could be written to; F_SEAL_FUTURE_WRITE leaves that one alone. */
#include "../check.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

int main(void) {
  int fd = MUST(memfd_create("sealed", MFD_ALLOW_SEALING));
  MUST(ftruncate(fd, PAGE));
  char *map = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  strcpy(map, "still writable");
  SHOW(write(fd, "x", 1));
  MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  MUST(munmap(map, PAGE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  char *read_only = MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
  say("%s\n", read_only);
}
