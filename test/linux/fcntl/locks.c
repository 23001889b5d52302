/* fcntl(2), advisory record locks: between processes, by byte ranges, split and merged, and lost by any close. */
#include "../check.h"

static struct flock range(int type, off_t start, off_t length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static void other_sees(int fd, off_t start, off_t length) {
  pid_t owner = getpid(), child = MUST(fork());
  if (child == 0) {
    struct flock lock = range(F_WRLCK, start, length);
    MUST(fcntl(fd, F_GETLK, &lock));
    if (lock.l_type == F_UNLCK) say("[%ld, %ld): free\n", (long)start, (long)(start + length));
    else
      say("[%ld, %ld): %s at %ld, %ld bytes, %s\n", (long)start, (long)(start + length),
          lock.l_type == F_RDLCK ? "F_RDLCK" : "F_WRLCK", (long)lock.l_start, (long)lock.l_len,
          lock.l_pid == owner ? "ours" : "another's");
    lock = range(F_WRLCK, start, length);
    SHOW(fcntl(fd, F_SETLK, &lock));
    _exit(0);
  }
  MUST(waitpid(child, NULL, 0));
}

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  struct flock lock = range(F_WRLCK, 2, 4);
  SHOW(fcntl(fd, F_SETLK, &lock));
  other_sees(fd, 0, 2);
  other_sees(fd, 0, 10);
  lock = range(F_UNLCK, 3, 1);
  SHOW(fcntl(fd, F_SETLK, &lock));
  other_sees(fd, 3, 1);
  other_sees(fd, 4, 1);
  lock = range(F_RDLCK, 0, 0);
  SHOW(fcntl(fd, F_SETLK, &lock));
  other_sees(fd, 100, 1);
  SHOW(fcntl(fd, F_GETLK, &lock));
  IS(lock.l_type == F_UNLCK);
  lock = range(F_WRLCK, -1, 1);
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = range(9, 0, 1);
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = range(F_WRLCK, 0, 1);
  SHOW(fcntl(MUST(open("file", O_RDONLY)), F_SETLK, &lock));
  MUST(close(MUST(dup(fd))));
  other_sees(fd, 0, 1);
}
