/* mmap(2): shared mappings, read(2) and write(2) see one copy of a file, in two processes and after the descriptor is closed. */
#include "../check.h"

int main(void) {
  scratch();
  int fd = file_of_pages("data", 2);
  char *map = MAPS(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
  char *again = MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, PAGE));
  IS(map[0] == 'A' && map[PAGE] == 'B' && again[0] == 'B');
  strcpy(map + PAGE, "by the map");
  say("%s\n", again);
  char text[32] = "";
  SHOW(pread(fd, text, 10, PAGE));
  say("%s\n", text);
  SHOW(pwrite(fd, "by a write", 11, PAGE));
  say("%s\n", map + PAGE);
  MUST(close(fd));
  IN_CHILD("child") strcpy(map, "by the child");
  say("%s\n", map);
  say("%s\n", text_of("data"));
  SHOW(munmap(map, 2 * PAGE));
  say("%.11s\n", again);
  MUST(unlink("data"));
  strcpy(again, "without a name");
  say("%s\n", again);
}
