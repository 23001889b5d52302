/* copy_file_range(2): within and between files, past the end, overlapping, errors. */
#include "../check.h"

int main(void) {
  scratch();
  int in = file_with_text("in", "0123456789"), out = MUST(open("out", O_RDWR | O_CREAT, 0600));
  off_t from = 2, to = 5;
  SHOW(copy_file_range(in, &from, out, &to, 4, 0));
  SHOW(from);
  SHOW(to);
  SHOW(size_of(out));
  SHOW(copy_file_range(in, NULL, out, NULL, 3, 0));
  SHOW(lseek(in, 0, SEEK_CUR));
  char text[10];
  SHOW(pread(out, text, 10, 0));
  say("%.3s %d %.4s\n", text, text[3], text + 5);
  from = 8;
  SHOW(copy_file_range(in, &from, out, NULL, 100, 0));
  from = 20;
  SHOW(copy_file_range(in, &from, out, NULL, 100, 0));
  from = 0, to = 5;
  SHOW(copy_file_range(in, &from, in, &to, 5, 0));
  say("%s\n", text_of("in"));
  from = 0, to = 2;
  SHOW(copy_file_range(in, &from, in, &to, 5, 0));
  SHOW(copy_file_range(in, NULL, out, NULL, 5, 1));
  SHOW(copy_file_range(in, NULL, MUST(open("out", O_RDONLY)), NULL, 5, 0));
  SHOW(copy_file_range(in, NULL, MUST(open("out", O_WRONLY | O_APPEND)), NULL, 5, 0));
  SHOW(copy_file_range(MUST(open(".", O_RDONLY)), NULL, out, NULL, 5, 0));
  int ends[2];
  MUST(pipe(ends));
  SHOW(copy_file_range(ends[0], NULL, out, NULL, 5, 0));
  SHOW(copy_file_range(999, NULL, out, NULL, 5, 0));
}
