/* getdents64(2): every entry once, with its type; small buffers, rewinding, removing while reading; a removed directory. */
#include "../check.h"

struct entry {
  uint64_t ino;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

static int compare(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

static void list(int fd, size_t size) {
  char buffer[4096], *names[64];
  int count = 0;
  long length;
  while ((length = MUST(syscall(SYS_getdents64, fd, buffer, size))) > 0)
    for (long at = 0; at < length;) {
      struct entry *entry = (struct entry *)(buffer + at);
      char text[300];
      snprintf(text, sizeof text, "%s %d", entry->name, entry->type);
      if (entry->ino == 0 || entry->length % 8 != 0) say("odd entry %s\n", text);
      if (count < 64) names[count++] = strdup(text);
      at += entry->length;
    }
  qsort(names, count, sizeof *names, compare);
  for (int i = 0; i < count; i++) say("%s\n", names[i]), free(names[i]);
}

int main(void) {
  scratch();
  MUST(mkdir("d", 0755));
  close(file_with_text("d/file", ""));
  MUST(symlink("x", "d/link"));
  MUST(mkfifo("d/fifo", 0600));
  MUST(mkdir("d/directory", 0700));
  int fd = MUST(open("d", O_RDONLY | O_DIRECTORY));
  list(fd, 4096);
  say("again\n");
  list(fd, 4096);
  MUST(lseek(fd, 0, SEEK_SET));
  list(fd, 32);
  char buffer[64];
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(syscall(SYS_getdents64, fd, buffer, 10));
  SHOW(syscall(SYS_getdents64, fd, 8, 1000));
  SHOW(syscall(SYS_getdents64, 0x999, buffer, 64));
  int file = MUST(open("d/file", O_RDONLY));
  SHOW(syscall(SYS_getdents64, file, buffer, 64));
  DIR *dir = opendir("d");
  int removed = 0;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (entry->d_name[0] != '.') removed += unlinkat(dirfd(dir), entry->d_name, entry->d_type == DT_DIR ? AT_REMOVEDIR : 0) == 0;
  SHOW(removed);
  SHOW(rmdir("d"));
  SHOW(syscall(SYS_getdents64, fd, buffer, 64));
}
