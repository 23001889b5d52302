/* futex(2) between processes: by the frame, at another address, in shared anonymous memory and in a file. */
#include "../check.h"
#include "futex.h"

static void exchange(int *here, int *there) {
  Gate gate = gate_new();
  *here = 0;
  pid_t child = MUST(fork());
  if (child == 0) {
    while (__atomic_load_n(there, __ATOMIC_SEQ_CST) == 0) futex(there, FUTEX_WAIT, 0, NULL, NULL, 0);
    gate_pass(gate);
    say("child sees %d\n", *there);
    __atomic_store_n(there, 2, __ATOMIC_SEQ_CST);
    futex(there, FUTEX_WAKE, 1, NULL, NULL, 0);
    _exit(0);
  }
  let_it_sleep();
  __atomic_store_n(here, 1, __ATOMIC_SEQ_CST);
  SHOW(futex(here, FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
  gate_open(gate);
  while (__atomic_load_n(here, __ATOMIC_SEQ_CST) == 1) futex(here, FUTEX_WAIT, 1, NULL, NULL, 0);
  SHOW(*here);
  MUST(waitpid(child, NULL, 0));
}

int main(void) {
  scratch();
  int *shared = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int *again = MUST_MAP(mremap(shared, 0, PAGE, MREMAP_MAYMOVE));
  exchange(shared, shared);
  exchange(shared, again);
  int fd = file_of_pages("data", 2);
  int *one = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
  int *other = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED, fd, PAGE));
  exchange(one + PAGE / sizeof(int), other);
  /* Private memory after a fork is not the same futex, and FUTEX_PRIVATE_FLAG is not the same as without. */
  struct timespec time = {0, 20000000};
  static int word;
  pid_t child = MUST(fork());
  if (child == 0) {
    SHOW(futex(&word, FUTEX_WAIT, 0, &time, NULL, 0));
    _exit(0);
  }
  sleep_ms(5);
  SHOW(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
  MUST(waitpid(child, NULL, 0));
}
