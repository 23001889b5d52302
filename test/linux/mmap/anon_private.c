/* mmap(2): private anonymous memory is zero, writable, and a child's writes are its own. */
#include "../check.h"

int main(void) {
  char *page = MAPS(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  IS((uintptr_t)page % PAGE == 0);
  long sum = 0;
  for (int i = 0; i < 3 * PAGE; i++) sum += page[i];
  SHOW(sum);
  memcpy(page + PAGE - 3, "across", 7);
  IN_CHILD("child") {
    say("child sees %s\n", page + PAGE - 3);
    memcpy(page + PAGE - 3, "changed", 8);
    say("child sees %s\n", page + PAGE - 3);
  }
  say("parent sees %s\n", page + PAGE - 3);
  memset(page + 2 * PAGE, 0xff, PAGE);
  IS(page[2 * PAGE] == -1 && page[3 * PAGE - 1] == -1);
  SHOW(munmap(page, 3 * PAGE));
}
