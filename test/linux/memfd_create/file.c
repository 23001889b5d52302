/* memfd_create(2): a file without a name: size, reading, writing, mapping, sharing with a child, and what fstat(2) says. */
#include "../check.h"

int main(void) {
  int fd = WORKS(memfd_create("memory", MFD_CLOEXEC));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
  struct stat status;
  MUST(fstat(fd, &status));
  IS(S_ISREG(status.st_mode));
  SHOW(status.st_nlink);
  SHOW(status.st_size);
  SHOW(ftruncate(fd, 2 * PAGE));
  char *map = MAPS(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
  SHOW(pwrite(fd, "written", 8, PAGE));
  say("%s\n", map + PAGE);
  IN_CHILD("child") strcpy(map, "by the child");
  char text[13];
  SHOW(pread(fd, text, sizeof text, 0));
  say("%s\n", text);
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(write(fd, "end", 3));
  SHOW(size_of(fd));
  int other = WORKS(memfd_create("memory", 0));
  SHOW(fcntl(other, F_GETFD));
  SHOW(size_of(other));
}
