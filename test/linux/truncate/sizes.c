/* truncate(2), ftruncate(2): shorter, longer with zeros, errors; what is behind the end is zero when the file grows again. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("file", "0123456789");
  SHOW(ftruncate(fd, 4));
  SHOW(ftruncate(fd, 8));
  char text[10];
  SHOW(pread(fd, text, 10, 0));
  for (int i = 0; i < 8; i++) say("%d ", text[i]);
  say("\n");
  SHOW(truncate("file", 100000));
  SHOW(size_of(fd));
  SHOW(truncate("file", 0));
  SHOW(read(fd, text, 10));
  SHOW(ftruncate(fd, -1));
  SHOW(truncate("none", 0));
  SHOW(truncate(".", 0));
  SHOW(truncate("file/x", 0));
  SHOW(ftruncate(MUST(open("file", O_RDONLY)), 0));
  int ends[2];
  MUST(pipe(ends));
  SHOW(ftruncate(ends[1], 0));
  SHOW(ftruncate(999, 0));
  MUST(chmod("file", 0400));
  SHOW(truncate("file", 10));
  SHOW(ftruncate(fd, 10));
  MUST(lseek(fd, 20, SEEK_SET));
  SHOW(write(fd, "x", 1));
  SHOW(size_of(fd));
}
