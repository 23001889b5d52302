/* chdir(2), fchdir(2), getcwd(2): through links, after renames, buffers that are too small. */
#include "../check.h"

static void where(const char *root) {
  char path[PATH_MAX];
  if (syscall(SYS_getcwd, path, sizeof path) < 0) say("%s\n", error_name(errno));
  else say("%s\n", strncmp(path, root, strlen(root)) == 0 ? path + strlen(root) : path);
}

int main(void) {
  scratch();
  char root[PATH_MAX];
  MUST(syscall(SYS_getcwd, root, sizeof root));
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  MUST(symlink("a/b", "link"));
  int top = MUST(open(".", O_RDONLY));
  SHOW(chdir("link")), where(root);
  SHOW(chdir("..")), where(root);
  SHOW(fchdir(top)), where(root);
  SHOW(chdir("a/b/../b/.")), where(root);
  MUST(renameat(top, "a", top, "c")), where(root);
  SHOW(chdir("../../../../../../../../..")), where(root);
  SHOW(fchdir(top));
  close(file_with_text("file", ""));
  SHOW(chdir("file"));
  SHOW(chdir("none"));
  SHOW(chdir(""));
  SHOW(fchdir(999));
  SHOW(fchdir(MUST(open("file", O_RDONLY))));
  MUST(mkdir("closed", 0600));
  SHOW(chdir("closed"));
  char tiny[2];
  SHOW(syscall(SYS_getcwd, tiny, 2));
  SHOW(syscall(SYS_getcwd, 8, 100));
  MUST(chdir("/"));
  SHOW(syscall(SYS_getcwd, tiny, 2));
  IN_CHILD("child") {
    MUST(fchdir(top));
    MUST(mkdir("gone", 0755));
    MUST(chdir("gone"));
    MUST(rmdir("../gone"));
    where(root);
  }
  where("x");
}
