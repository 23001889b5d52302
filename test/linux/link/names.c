/* link(2), unlink(2): several names of one file; a file without names lives while it is open. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_with_text("one", "text");
  struct stat status;
  SHOW(link("one", "two"));
  SHOW(link("one", "two"));
  SHOW(link("none", "three"));
  SHOW(link("one", "none/three"));
  MUST(mkdir("directory", 0755));
  SHOW(link("directory", "three"));
  SHOW(link("one", "directory"));
  SHOW(link("one", "three/"));
  MUST(symlink("none", "dangling"));
  SHOW(link("dangling", "copy"));
  MUST(lstat("copy", &status));
  IS(S_ISLNK(status.st_mode));
  SHOW(unlink("one"));
  SHOW(unlink("one"));
  say("%s\n", text_of("two"));
  MUST(fstat(fd, &status));
  SHOW(status.st_nlink);
  SHOW(unlink("two"));
  MUST(fstat(fd, &status));
  SHOW(status.st_nlink);
  SHOW(write(fd, "still", 5));
  char text[6] = "";
  SHOW(pread(fd, text, 5, 0));
  say("%s\n", text);
  SHOW(unlink("directory"));
  SHOW(unlink("directory/"));
  SHOW(unlink("copy/"));
  SHOW(unlink(""));
  SHOW(unlink("."));
}
