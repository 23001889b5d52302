/* mmap(2): shared anonymous memory is the same frames in parent, child and grandchild, also pages touched after the fork. */
#include "../check.h"

int main(void) {
  int *page = MAPS(mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int *second = page + PAGE / sizeof *page;
  page[0] = 1;
  IN_CHILD("child") {
    SHOW(page[0]);
    page[1] = 2;
    IN_CHILD("grandchild") {
      SHOW(page[1]);
      second[5] = 3;
    }
    SHOW(second[5]);
    MUST(munmap(page, 2 * PAGE));
    _exit(7);
  }
  SHOW(page[0]);
  SHOW(page[1]);
  SHOW(second[5]);
  SHOW(second[6]);
}
