/* rename(2): over files and empty directories, not between kinds, not into itself; links to one file; renameat2(2)'s flags. */
#include "../check.h"

static long renameat2_(const char *from, const char *to, unsigned flags) {
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

int main(void) {
  scratch();
  int fd = file_with_text("one", "1");
  close(file_with_text("two", "2"));
  MUST(mkdir("d1", 0755));
  MUST(mkdir("d2", 0755));
  MUST(mkdir("d2/below", 0755));
  SHOW(rename("one", "two"));
  say("%s %s\n", text_of("one"), text_of("two"));
  SHOW(rename("two", "d1"));
  SHOW(rename("d1", "two"));
  SHOW(rename("d1", "d2"));
  SHOW(rename("d2", "d1"));
  SHOW(access("d1/below", F_OK));
  SHOW(rename("d1", "d1/below/d"));
  SHOW(rename("d1/below", "d1"));
  SHOW(rename("none", "x"));
  SHOW(rename("two", "none/x"));
  SHOW(rename("two", "two"));
  MUST(link("two", "three"));
  SHOW(rename("two", "three"));
  SHOW(access("two", F_OK));
  SHOW(rename("two", "x/"));
  SHOW(rename("d1/", "d3/"));
  SHOW(rename(".", "x"));
  SHOW(rename("d3/..", "x"));
  SHOW(rename("", "x"));
  SHOW(renameat2_("two", "three", 1 /* NOREPLACE */));
  SHOW(renameat2_("two", "new", 1));
  SHOW(renameat2_("new", "d3", 2 /* EXCHANGE */));
  SHOW(access("new/below", F_OK));
  SHOW(renameat2_("new", "none", 2));
  SHOW(renameat2_("new", "d3", 3));
  SHOW(renameat2_("new", "d3", 16));
  struct stat status;
  MUST(fstat(fd, &status));
  SHOW(status.st_nlink);
}
