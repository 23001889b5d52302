/* madvise(2), MADV_DONTNEED: anonymous pages are zero afterwards, a private file page is the file's, shared ones stay. */
#include "../check.h"

int main(void) {
  scratch();
  char *anon = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  memset(anon, 'x', 3 * PAGE);
  SHOW(madvise(anon + PAGE, PAGE, MADV_DONTNEED));
  say("%d %d %d\n", anon[0], anon[PAGE], anon[2 * PAGE]);
  int fd = file_of_pages("data", 1);
  char *private = MUST_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
  private[0] = '*';
  SHOW(madvise(private, 1, MADV_DONTNEED));
  SHOW(private[0]);
  char *shared = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
  shared[0] = '*';
  SHOW(madvise(shared, PAGE, MADV_DONTNEED));
  SHOW(shared[0]);
  SHOW(private[0]);
  MUST(mlock(anon, PAGE));
  SHOW(madvise(anon, PAGE, MADV_DONTNEED));
  SHOW(anon[0]);
  IN_CHILD("child") {
    SHOW(madvise(anon, 3 * PAGE, MADV_DONTNEED));
    SHOW(anon[2 * PAGE]);
  }
  SHOW(anon[2 * PAGE]);
}
