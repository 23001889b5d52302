/* null(4), zero(4), full(4), random(4): what reading and writing them gives. */
#include "../check.h"

int main(void) {
  char bytes[100];
  int null = WORKS(open("/dev/null", O_RDWR));
  SHOW(read(null, bytes, sizeof bytes));
  SHOW(write(null, bytes, sizeof bytes));
  SHOW(lseek(null, 100, SEEK_SET));
  int zero = WORKS(open("/dev/zero", O_RDWR));
  memset(bytes, 'x', sizeof bytes);
  SHOW(read(zero, bytes, 50));
  say("%d %d %d\n", bytes[0], bytes[49], bytes[50]);
  SHOW(write(zero, bytes, sizeof bytes));
  int full = WORKS(open("/dev/full", O_RDWR));
  SHOW(read(full, bytes, 10));
  SHOW(bytes[9]);
  SHOW(write(full, bytes, 1));
  SHOW(write(full, bytes, 0));
  const char *sources[] = {"/dev/random", "/dev/urandom"};
  for (unsigned i = 0; i < COUNT(sources); i++) {
    unsigned char one[64], other[64];
    int fd = WORKS(open(sources[i], O_RDONLY));
    SHOW(read(fd, one, sizeof one));
    SHOW(read(fd, other, sizeof other));
    IS(memcmp(one, other, sizeof one) != 0);
  }
  struct stat status;
  MUST(fstat(full, &status));
  IS(S_ISCHR(status.st_mode) && status.st_rdev == 0x107);
  say("%o\n", status.st_mode & 0777);
  SHOW(ftruncate(null, 0));
  WORKS(open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600));
  SHOW(access("/dev/stdin", F_OK));
  char link[50] = "";
  SHOW(readlink("/dev/fd", link, sizeof link));
  say("%s\n", link);
  int ends[2];
  MUST(pipe(ends));
  char path[20];
  snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
  int again = WORKS(open(path, O_WRONLY));
  SHOW(write(again, "through", 7));
  SHOW(read(ends[0], bytes, 7));
}
