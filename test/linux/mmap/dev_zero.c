/* mmap(2) of /dev/zero: private it is anonymous memory, shared it is anonymous memory that children have, too. */
#include "../check.h"

int main(void) {
  int fd = MUST(open("/dev/zero", O_RDWR));
  char *own = MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
  char *common = MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  char *other = MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  MUST(close(fd));
  own[0] = common[0] = 1;
  IN_CHILD("child") {
    SHOW(own[0]++);
    SHOW(common[0]++);
  }
  SHOW(own[0]);
  SHOW(common[0]);
  SHOW(other[0]);
  fd = MUST(open("/dev/null", O_RDWR));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
}
