/* mremap(2) of shared memory: both places show the same; an old size of 0 makes a second mapping of the same pages. */
#include "../check.h"

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  strcpy(base, "shared");
  char *twin = MAPS(mremap(base, 0, 2 * PAGE, MREMAP_MAYMOVE));
  IS(twin != base);
  say("%s %s\n", base, twin);
  strcpy(twin + PAGE, "by the twin");
  say("%s\n", base + PAGE);
  char *bigger = MAPS(mremap(twin, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
  say("%s\n", bigger);
  FAULT(bigger, (void)*(volatile char *)(bigger + 2 * PAGE));
  IN_CHILD("child") strcpy(bigger, "by the child");
  say("%s\n", base);
  char *private = MUST_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MAPS(mremap(private, 0, PAGE, MREMAP_MAYMOVE));
  scratch();
  int fd = file_of_pages("data", 3);
  char *map = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED, fd, PAGE));
  map = MAPS(mremap(map, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  say("%c%c\n", map[0], map[PAGE]);
}
