/* madvise(2), MADV_DONTFORK and MADV_WIPEONFORK: a child has no such mapping, or has it empty; their opposites. */
#include "../check.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#define MADV_KEEPONFORK 19
#endif

int main(void) {
  volatile char *base = MUST_MAP(mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < 4; i++) base[i * PAGE] = 'a' + i;
  SHOW(madvise((char *)base + PAGE, PAGE, MADV_DONTFORK));
  SHOW(madvise((char *)base + 2 * PAGE, PAGE, MADV_WIPEONFORK));
  IN_CHILD("child") {
    SHOW(base[0]);
    FAULT(base, (void)base[PAGE]);
    SHOW(base[2 * PAGE]);
    SHOW(base[3 * PAGE]);
    base[2 * PAGE] = 'C';
    IN_CHILD("grandchild") SHOW(base[2 * PAGE]);
  }
  for (int i = 0; i < 4; i++) say("%c", base[i * PAGE]);
  say("\n");
  SHOW(madvise((char *)base + PAGE, PAGE, MADV_DOFORK));
  SHOW(madvise((char *)base + 2 * PAGE, PAGE, MADV_KEEPONFORK));
  IN_CHILD("child") for (int i = 0; i < 4; i++) SHOW(base[i * PAGE]);
  char *shared = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  SHOW(madvise(shared, PAGE, MADV_WIPEONFORK));
  SHOW(madvise(shared, PAGE, MADV_DONTFORK));
}
