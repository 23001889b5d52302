/* madvise(2), MADV_REMOVE punches a hole into shared memory; MADV_FREE keeps what is written afterwards. */
#include "../check.h"

int main(void) {
  char *shared = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  memset(shared, 's', 3 * PAGE);
  IN_CHILD("child") SHOW(madvise(shared + PAGE, PAGE, MADV_REMOVE));
  say("%d %d %d\n", shared[0], shared[PAGE], shared[2 * PAGE]);
  MUST(mprotect(shared, PAGE, PROT_READ));
  SHOW(madvise(shared, PAGE, MADV_REMOVE));
  char *private = MUST_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  memset(private, 'p', PAGE);
  SHOW(madvise(private, PAGE, MADV_FREE));
  IS(private[9] == 'p' || private[9] == 0);
  private[5] = 'q';
  SHOW(private[5]);
  SHOW(madvise(shared, PAGE, MADV_FREE));
  SHOW(madvise(shared, PAGE, MADV_WILLNEED));
}
