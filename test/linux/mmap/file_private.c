/* mmap(2): a private mapping of a file shows the file until it is written to; writes stay in this process and this mapping. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("data", "the text of the file");
  char *first = MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
  char *second = MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
  say("%s\n", first);
  MUST(pwrite(fd, "THE", 3, 0));
  say("unwritten page: %s\n", second);
  memcpy(first + 4, "TEXT", 4);
  say("first: %s\nsecond: %s\nfile: %s\n", first, second, text_of("data"));
  MUST(pwrite(fd, "xyz", 3, 0));
  say("copied page: %s\n", first);
  say("unwritten page: %s\n", second);
  IN_CHILD("child") {
    memcpy(first, "child", 5);
    say("child: %s\n", first);
  }
  say("parent: %s\n", first);
  say("file: %s\n", text_of("data"));
  int read_only = MUST(open("data", O_RDONLY));
  char *third = MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, read_only, 0));
  third[0] = '*';
  say("%s\n", third);
}
