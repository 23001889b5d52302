/* fsync(2), fdatasync(2), sync_file_range(2), posix_fadvise(2), readahead(2): what they accept. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("file", "text"), ends[2];
  MUST(pipe(ends));
  SHOW(fsync(fd));
  SHOW(fdatasync(fd));
  SHOW(fsync(MUST(open(".", O_RDONLY))));
  SHOW(fsync(ends[0]));
  SHOW(fdatasync(999));
  SHOW(syscall(SYS_sync_file_range, fd, 0L, 4L, 7));
  SHOW(syscall(SYS_sync_file_range, fd, 0L, 4L, 8));
  SHOW(syscall(SYS_sync_file_range, fd, -1L, 4L, 0));
  SHOW(syscall(SYS_sync_file_range, ends[0], 0L, 4L, 0));
  SHOW_ERROR(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  SHOW_ERROR(posix_fadvise(fd, 0, 0, 99));
  SHOW_ERROR(posix_fadvise(ends[0], 0, 0, POSIX_FADV_NORMAL));
  SHOW(syscall(SYS_syncfs, fd));
  SHOW(syscall(SYS_syncfs, 999));
}
