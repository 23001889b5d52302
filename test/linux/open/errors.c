/* open(2), ERRORS: paths that are too long, not there, not directories, loops; no permission. */
#include "../check.h"

int main(void) {
  scratch();
  close(file_with_text("file", "text"));
  MUST(mkdir("locked", 0));
  MUST(symlink("b", "a"));
  MUST(symlink("a", "b"));
  WORKS(open("", O_RDONLY));
  WORKS(open("none/file", O_RDONLY));
  WORKS(open("file/below", O_RDONLY));
  WORKS(open("file/", O_RDONLY));
  WORKS(open("new/", O_RDONLY | O_CREAT, 0600));
  WORKS(open("a", O_RDONLY));
  WORKS(open("a/b", O_RDONLY));
  WORKS(open("locked", O_RDONLY));
  WORKS(open("locked/file", O_RDONLY));
  WORKS(open("locked/file", O_RDWR | O_CREAT, 0600));
  MUST(chmod("file", 0200));
  WORKS(open("file", O_RDONLY));
  WORKS(open("file", O_WRONLY));
  MUST(chmod("file", 0));
  WORKS(open("file", O_WRONLY | O_TRUNC));
  WORKS(open("/proc/self/none", O_RDONLY));
  WORKS(open("/etc/made-by-a-user", O_RDWR | O_CREAT, 0600));
  char name[5000];
  memset(name, 'n', sizeof name);
  name[256] = 0;
  WORKS(open(name, O_RDWR | O_CREAT, 0600));
  name[255] = 0;
  WORKS(open(name, O_RDWR | O_CREAT, 0600));
  name[255] = 'n';
  for (int i = 0; i < 4999; i += 2) memcpy(name + i, "./", 2);
  name[4096] = 0;
  WORKS(open(name, O_RDONLY));
  name[4094] = 0;
  WORKS(open(name, O_RDONLY));
  WORKS(syscall(SYS_open, 8, O_RDONLY));
  MUST(chmod("locked", 0700));
}
