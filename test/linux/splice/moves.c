/* splice(2), tee(2), vmsplice(2): between pipes and files; offsets; errors. */
#include "../check.h"
#include <sys/uio.h>

int main(void) {
  scratch();
  int in = file_with_text("in", "0123456789"), out = MUST(open("out", O_RDWR | O_CREAT, 0600));
  int one[2], two[2];
  char text[20] = "";
  MUST(pipe(one)), MUST(pipe(two));
  off_t offset = 3;
  SHOW(splice(in, &offset, one[1], NULL, 4, 0));
  SHOW(offset);
  SHOW(tee(one[0], two[1], 10, 0));
  SHOW(splice(one[0], NULL, out, NULL, 10, 0));
  say("%s\n", text_of("out"));
  SHOW(splice(two[0], NULL, one[1], NULL, 2, 0));
  SHOW(read(one[0], text, sizeof text));
  SHOW(read(two[0], text, sizeof text));
  say("%s\n", text);
  struct iovec vector = {"from memory", 11};
  SHOW(vmsplice(one[1], &vector, 1, 0));
  offset = 1;
  SHOW(splice(one[0], NULL, out, &offset, 4, 0));
  say("%s\n", text_of("out"));
  SHOW(splice(in, NULL, out, NULL, 4, 0));
  SHOW(splice(one[0], &offset, out, NULL, 4, 0));
  SHOW(splice(one[0], NULL, one[1], NULL, 4, 0));
  SHOW(splice(one[0], NULL, 999, NULL, 4, 0));
  SHOW(splice(one[0], NULL, out, NULL, 0, 0));
  SHOW(splice(two[0], NULL, out, NULL, 4, SPLICE_F_NONBLOCK));
  SHOW(splice(one[0], NULL, out, NULL, 4, 0x100));
  SHOW(tee(one[0], one[1], 10, 0));
  SHOW(tee(in, one[1], 10, 0));
  MUST(close(two[1]));
  SHOW(splice(two[0], NULL, out, NULL, 4, 0));
}
