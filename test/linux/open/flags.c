/* open(2): O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH, and the access modes. */
#include "../check.h"

int main(void) {
  scratch();
  SHOW(open("file", O_RDWR));
  int fd = WORKS(open("file", O_RDWR | O_CREAT | O_EXCL, 0640));
  SHOW(open("file", O_RDWR | O_CREAT | O_EXCL, 0640));
  struct stat status;
  MUST(fstat(fd, &status));
  say("%o\n", status.st_mode);
  SHOW(write(fd, "0123456789", 10));
  int append = WORKS(open("file", O_WRONLY | O_APPEND | O_CLOEXEC));
  SHOW(lseek(append, 0, SEEK_SET));
  SHOW(write(append, "end", 3));
  SHOW(lseek(append, 0, SEEK_CUR));
  SHOW(fcntl(append, F_GETFD));
  SHOW(read(append, &status, 1));
  say("%s\n", text_of("file"));
  int reader = WORKS(open("file", O_RDONLY));
  SHOW(write(reader, "x", 1));
  WORKS(open("file", O_WRONLY | O_TRUNC));
  SHOW(size_of(fd));
  MUST(symlink("file", "link"));
  MUST(mkdir("directory", 0755));
  WORKS(open("link", O_RDONLY | O_NOFOLLOW));
  WORKS(open("link", O_RDONLY));
  WORKS(open("file", O_RDONLY | O_DIRECTORY));
  WORKS(open("directory", O_RDONLY | O_DIRECTORY));
  WORKS(open("directory", O_WRONLY));
  WORKS(open("directory", O_RDONLY | O_CREAT, 0600));
  MUST(symlink("to-be-made", "dangling"));
  WORKS(open("dangling", O_RDONLY));
  WORKS(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600));
  WORKS(open("dangling", O_RDWR | O_CREAT, 0600));
  SHOW(access("to-be-made", F_OK));
  int path = WORKS(open("file", O_PATH));
  SHOW(read(path, &status, 1));
  SHOW(syscall(SYS_fchmod, path, 0600));
  SHOW(fstat(path, &status));
  IS((fcntl(path, F_GETFL) & O_PATH) == O_PATH);
  WORKS(open("link", O_PATH | O_NOFOLLOW));
}
