/* fcntl(2), open file description locks: of the open file, so inherited, and in conflict within one process. */
#include "../check.h"

static struct flock range(int type, off_t start, off_t length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

int main(void) {
  scratch();
  int one = file_with_text("file", "0123456789");
  int two = MUST(open("file", O_RDWR));
  struct flock lock = range(F_WRLCK, 0, 5);
  SHOW(fcntl(one, F_OFD_SETLK, &lock));
  lock = range(F_WRLCK, 4, 2);
  SHOW(fcntl(two, F_OFD_SETLK, &lock));
  SHOW(fcntl(two, F_OFD_GETLK, &lock));
  say("%d %ld %ld %d\n", lock.l_type == F_WRLCK, (long)lock.l_start, (long)lock.l_len, lock.l_pid);
  lock = range(F_WRLCK, 5, 2);
  SHOW(fcntl(two, F_OFD_SETLK, &lock));
  lock = range(F_WRLCK, 0, 1);
  SHOW(fcntl(two, F_SETLK, &lock));
  MUST(close(MUST(dup(one))));
  SHOW(fcntl(two, F_OFD_SETLK, &lock));
  IN_CHILD("child") {
    lock = range(F_WRLCK, 2, 1);
    SHOW(fcntl(one, F_OFD_SETLK, &lock));
    lock = range(F_UNLCK, 0, 1);
    SHOW(fcntl(one, F_OFD_SETLK, &lock));
  }
  lock = range(F_WRLCK, 0, 1);
  SHOW(fcntl(two, F_OFD_SETLK, &lock));
  lock.l_pid = 1;
  SHOW(fcntl(two, F_OFD_SETLK, &lock));
  MUST(close(one));
  lock = range(F_WRLCK, 0, 0);
  SHOW(fcntl(two, F_OFD_SETLK, &lock));
}
