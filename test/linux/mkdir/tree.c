/* mkdir(2), rmdir(2): modes, errors, directories that are in use or not empty. */
#include "../check.h"

int main(void) {
  scratch();
  struct stat status;
  umask(022);
  SHOW(mkdir("a", 0777));
  MUST(stat("a", &status));
  say("%o\n", status.st_mode);
  SHOW(mkdir("a", 0777));
  SHOW(mkdir("a/b/", 02700));
  MUST(stat("a/b", &status));
  say("%o\n", status.st_mode & 0777);
  SHOW(mkdir("none/b", 0777));
  SHOW(mkdir("", 0777));
  SHOW(mkdir(".", 0777));
  SHOW(mkdir("/", 0777));
  MUST(symlink("target", "link"));
  SHOW(mkdir("link", 0777));
  SHOW(rmdir("a"));
  SHOW(rmdir("a/b/."));
  SHOW(rmdir("a/b/.."));
  SHOW(rmdir("none"));
  SHOW(rmdir("link"));
  close(file_with_text("file", ""));
  SHOW(rmdir("file"));
  int fd = MUST(open("a/b", O_RDONLY | O_DIRECTORY));
  MUST(chdir("a/b"));
  SHOW(rmdir("../b"));
  SHOW(openat(fd, "file", O_RDWR | O_CREAT, 0600));
  SHOW(mkdir("c", 0700));
  char path[PATH_MAX];
  SHOW(syscall(SYS_getcwd, path, sizeof path));
  MUST(fstat(fd, &status));
  SHOW(status.st_nlink);
  SHOW(chdir(".."));
  SHOW(rmdir("/"));
}
