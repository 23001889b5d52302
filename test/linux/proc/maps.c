/* proc(5), /proc/self/maps: lines in order of addresses, with the permissions, offsets and names of what was mapped. */
#include "../check.h"

static int find(const void *address, char *perms, unsigned long *offset, char *name, unsigned long *length) {
  static char text[65536];
  int file = MUST(open("/proc/self/maps", O_RDONLY));
  unsigned long start, end, last = 0;
  size_t used = 0;
  ssize_t count;
  int found = 0;
  while ((count = MUST(read(file, text + used, sizeof text - 1 - used))) > 0) used += count;
  text[used] = 0;
  MUST(close(file));
  for (char *line = text, *next; *line; line = next) {
    next = strchr(line, '\n') + 1;
    next[-1] = 0;
    unsigned major, minor;
    unsigned long inode, at;
    char flags[5], path[500] = "";
    if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %499[^\n]", &start, &end, flags, &at, &major, &minor, &inode, path) < 7)
      say("odd line: %s", line);
    if (start < last || end <= start || start % PAGE || end % PAGE) say("odd range: %s", line);
    last = end;
    if (start > (unsigned long)address || end <= (unsigned long)address) continue;
    found = 1;
    strcpy(perms, flags), strcpy(name, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    *offset = at, *length = end - start;
  }
  return found;
}
static void show(const char *what, const void *address) {
  char perms[8] = "", name[500] = "";
  unsigned long offset = 0, length = 0;
  if (find(address, perms, &offset, name, &length) != 1) say("%s: not mapped\n", what);
  else say("%s: %s %08lx %s, %ld pages\n", what, perms, offset, name, length / PAGE);
}

int main(void) {
  scratch();
  int fd = file_of_pages("data", 4);
  char *space = MUST_MAP(mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  show("nothing", space);
  MUST_MAP(mmap(space + 2 * PAGE, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, PAGE));
  MUST_MAP(mmap(space + 5 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0));
  MUST_MAP(mmap(space + 8 * PAGE, 2 * PAGE, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  show("shared", space + 3 * PAGE);
  show("private", space + 5 * PAGE);
  show("code", space + 9 * PAGE);
  MUST(munmap(space + 8 * PAGE, PAGE));
  show("gone", space + 8 * PAGE);
  show("rest", space + 9 * PAGE);
  MUST(unlink("data"));
  show("unlinked", space + 2 * PAGE);
  MUST(mprotect(space + 3 * PAGE, PAGE, PROT_NONE));
  show("split", space + 3 * PAGE);
  char perms[8], name[500];
  unsigned long offset, length;
  MUST(find(&fd, perms, &offset, name, &length));
  say("stack: %s %s\n", perms, name);
}
