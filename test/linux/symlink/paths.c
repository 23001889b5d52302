/* symlink(7): followed in the middle of paths, at the end if asked for; relative to where they are; at most forty. */
#include "../check.h"

int main(void) {
  scratch();
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  close(file_with_text("a/b/file", "found"));
  SHOW(symlink("a/b", "ab"));
  SHOW(symlink("../a/./b/../b/file", "a/relative"));
  SHOW(symlink("..", "a/b/up"));
  SHOW(symlink("", "empty"));
  SHOW(symlink("x", "ab"));
  SHOW(symlink("x", "none/y"));
  say("%s\n", text_of("ab/file"));
  say("%s\n", text_of("a/relative"));
  say("%s\n", text_of("ab/up/b/up/relative"));
  char text[20] = "";
  SHOW(readlink("ab", text, sizeof text));
  say("%s\n", text);
  SHOW(readlink("a/relative", text, 5));
  SHOW(readlink("a", text, 5));
  SHOW(readlink("none", text, 5));
  SHOW(syscall(SYS_readlink, "ab", text, 0));
  struct stat status;
  SHOW(lstat("ab/", &status));
  IS(S_ISDIR(status.st_mode));
  char name[16], target[16];
  strcpy(target, "a");
  for (int i = 0; i < 45; i++) {
    snprintf(name, sizeof name, "l%d", i);
    MUST(symlink(target, name));
    strcpy(target, name);
  }
  SHOW(stat("l39", &status));
  SHOW(stat("l40", &status));
  SHOW(rmdir("ab"));
  SHOW(unlink("ab"));
}
