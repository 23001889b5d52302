/* mmap(2), MAP_POPULATE, MAP_LOCKED, MAP_NORESERVE and MAP_STACK: mincore(2) tells which pages are there at once. */
#include "../check.h"

static void residency(const char *name, void *base) {
  unsigned char there[4];
  MUST(mincore(base, 4 * PAGE, there));
  say("%s: %d%d%d%d\n", name, there[0] & 1, there[1] & 1, there[2] & 1, there[3] & 1);
}

int main(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  char *plain = MAPS(mmap(NULL, 4 * PAGE, RW, flags, -1, 0));
  MUST(madvise(plain, 4 * PAGE, MADV_NOHUGEPAGE));
  residency("plain", plain);
  plain[PAGE] = 1;
  residency("touched", plain);
  residency("MAP_POPULATE", MAPS(mmap(NULL, 4 * PAGE, RW, flags | MAP_POPULATE, -1, 0)));
  residency("MAP_LOCKED", MAPS(mmap(NULL, 4 * PAGE, RW, flags | MAP_LOCKED, -1, 0)));
  residency("read-only", MAPS(mmap(NULL, 4 * PAGE, PROT_READ, flags | MAP_POPULATE, -1, 0)));
  residency("PROT_NONE", MAPS(mmap(NULL, 4 * PAGE, PROT_NONE, flags | MAP_POPULATE, -1, 0)));
  char *big = MAPS(mmap(NULL, 1L << 36, RW, flags | MAP_NORESERVE, -1, 0));
  big[(1L << 36) - 1] = 5;
  SHOW(big[(1L << 36) - 1]);
  SHOW(munmap(big, 1L << 36));
  char *stack = MAPS(mmap(NULL, 4 * PAGE, RW, flags | MAP_STACK, -1, 0));
  SHOW(stack[0]);
}
