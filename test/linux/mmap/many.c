/* mmap(2): a thousand mappings in all orders, each keeping its own bytes. */
#include "../check.h"

int main(void) {
  enum { MAPPINGS = 1000 };
  static unsigned *maps[MAPPINGS];
  unsigned random = 1;
  for (unsigned i = 0; i < MAPPINGS; i++) {
    random = random * 1103515245 + 12345;
    int prot = i % 3 == 0 ? RW | PROT_EXEC : RW;
    maps[i] = MUST_MAP(mmap(NULL, PAGE * (1 + random / 65536 % 4), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    maps[i][0] = i;
    if (i % 5 == 4) {
      MUST(munmap(maps[i - 2], PAGE));
      maps[i - 2] = NULL;
    }
  }
  unsigned right = 0, wrong = 0;
  for (unsigned i = 0; i < MAPPINGS; i++)
    if (maps[i]) maps[i][0] == i ? right++ : wrong++;
  SHOW(right);
  SHOW(wrong);
  for (unsigned i = 0; i < MAPPINGS; i++)
    if (maps[i]) MUST(munmap(maps[i], PAGE));
}
