/* openat(2) and relatives: relative to a directory's descriptor, which may have been renamed; creat(2). */
#include "../check.h"

int main(void) {
  scratch();
  MUST(mkdir("one", 0755));
  int one = MUST(open("one", O_RDONLY | O_DIRECTORY));
  int path = MUST(open("one", O_PATH | O_DIRECTORY));
  int fd = WORKS(openat(one, "file", O_RDWR | O_CREAT, 0600));
  SHOW(write(fd, "text", 4));
  MUST(rename("one", "two"));
  WORKS(openat(one, "file", O_RDONLY));
  WORKS(openat(path, "file", O_RDONLY));
  SHOW(mkdirat(one, "below", 0700));
  SHOW(symlinkat("file", one, "link"));
  SHOW(linkat(one, "file", AT_FDCWD, "hard", 0));
  SHOW(faccessat(one, "link", F_OK, 0));
  struct stat status;
  SHOW(fstatat(one, "link", &status, AT_SYMLINK_NOFOLLOW));
  IS(S_ISLNK(status.st_mode));
  SHOW(fstatat(fd, "", &status, AT_EMPTY_PATH));
  SHOW(status.st_nlink);
  SHOW(fstatat(one, "", &status, 0));
  char text[10] = "";
  SHOW(readlinkat(one, "link", text, sizeof text));
  SHOW(unlinkat(one, "below", 0));
  SHOW(unlinkat(one, "below", AT_REMOVEDIR));
  SHOW(unlinkat(one, "link", AT_REMOVEDIR));
  SHOW(unlinkat(one, "link", 0x4000));
  SHOW(renameat(one, "file", AT_FDCWD, "moved"));
  say("%s\n", text_of("moved"));
  WORKS(openat(fd, "file", O_RDONLY));
  WORKS(openat(999, "file", O_RDONLY));
  WORKS(openat(999, "/", O_RDONLY));
  WORKS(openat(one, "../moved", O_RDONLY));
  WORKS(creat("created", 0444));
  SHOW(size_of(MUST(open("created", O_RDONLY))));
  WORKS(creat("created", 0444));
}
