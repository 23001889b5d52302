/* execve(2), ERRORS: what cannot be executed, and the caller goes on as before. */
#include "../check.h"

#define TRY(path) SHOW(syscall(SYS_execve, path, arguments, NULL))

int main(void) {
  scratch();
  char *arguments[] = {"program", NULL};
  TRY("nothing");
  TRY("");
  TRY("/");
  TRY((char *)8);
  close(file_with_text("text", "neither a script nor ELF\n"));
  TRY("text");
  MUST(chmod("text", 0755));
  TRY("text");
  TRY("text/below");
  MUST(mkdir("directory", 0755));
  TRY("directory");
  close(file_with_text("script", "#!/nothing/here\n"));
  MUST(chmod("script", 0755));
  TRY("script");
  close(file_with_text("elf", "\177ELF\2\1\1"));
  MUST(chmod("elf", 0755));
  TRY("elf");
  MUST(symlink("loop", "loop"));
  TRY("loop");
  int fd = MUST(open("written", O_WRONLY | O_CREAT, 0755));
  MUST(write(fd, "#!/bin/true\n", 12));
  TRY("written");
  char name[300];
  memset(name, 'n', sizeof name);
  name[299] = 0;
  TRY(name);
  SHOW(syscall(SYS_execve, "text", 8, NULL));
  char *huge = malloc(200 * 1024);
  memset(huge, 'x', 200 * 1024);
  huge[200 * 1024 - 1] = 0;
  arguments[0] = huge;
  TRY("/proc/self/exe");
}
