/* memfd_create(2), ERRORS: flags, a name that is too long or nowhere; no sealing unless it was asked for. */
#include "../check.h"

int main(void) {
  char name[300];
  memset(name, 'n', sizeof name);
  name[250] = 0;
  WORKS(memfd_create(name, 0));
  name[249] = 0;
  WORKS(memfd_create(name, 0));
  WORKS(memfd_create("", 0));
  WORKS(memfd_create("x", 0x100));
  WORKS(memfd_create((char *)1, 0));
  int fd = MUST(memfd_create("closed", 0));
  SHOW(fcntl(fd, F_GET_SEALS) == F_SEAL_SEAL);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  int ends[2];
  MUST(pipe(ends));
  SHOW(fcntl(ends[0], F_GET_SEALS));
  SHOW(fcntl(999, F_GET_SEALS));
}
