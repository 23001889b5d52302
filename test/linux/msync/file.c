/* msync(2): SYNC, ASYNC and INVALIDATE of a shared mapping; a private one's changes never reach the file. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_of_pages("data", 2);
  char *shared = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
  char *private = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
  strcpy(shared, "synchronised");
  SHOW(msync(shared, PAGE, MS_SYNC));
  say("%s\n", text_of("data"));
  strcpy(shared + PAGE, "later");
  SHOW(msync(shared + PAGE, PAGE, MS_ASYNC));
  SHOW(msync(shared, 2 * PAGE, MS_SYNC | MS_INVALIDATE));
  strcpy(private, "private");
  SHOW(msync(private, PAGE, MS_SYNC));
  say("%s\n", text_of("data"));
  MUST(mprotect(shared, PAGE, PROT_READ));
  SHOW(msync(shared, 1, MS_SYNC));
  SHOW(msync(shared, 0, MS_SYNC));
  IN_CHILD("child") {
    strcpy(shared + PAGE, "by a child");
    SHOW(msync(shared + PAGE, PAGE, MS_SYNC));
  }
  char text[11];
  SHOW(pread(fd, text, sizeof text, PAGE));
  say("%s\n", text);
}
