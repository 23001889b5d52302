/* futex(2), FUTEX_WAKE_OP: each operation and comparison changes the second word, and wakes there if the old value compares. */
#include "../check.h"
#include "futex.h"

static int words[2];

static long operate(int operation, int argument, int comparison, int value, int before) {
  words[1] = before;
  return futex(&words[0], FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &words[1],
               (int)((unsigned)operation << 28 | (unsigned)comparison << 24 | (argument & 0xfff) << 12 | (value & 0xfff)));
}

static void *waiter(void *word) {
  MUST(futex(word, FUTEX_WAIT_PRIVATE, *(int *)word, NULL, NULL, 0));
  return NULL;
}

int main(void) {
  SHOW(operate(0, 5, 0, 0, 3)), SHOW(words[1]);   /* set */
  SHOW(operate(1, 5, 0, 0, 3)), SHOW(words[1]);   /* add */
  SHOW(operate(1, -5, 0, 0, 3)), SHOW(words[1]);
  SHOW(operate(2, 5, 0, 0, 3)), SHOW(words[1]);   /* or */
  SHOW(operate(3, 5, 0, 0, 7)), SHOW(words[1]);   /* and not */
  SHOW(operate(4, 5, 0, 0, 3)), SHOW(words[1]);   /* xor */
  SHOW(operate(8, 5, 0, 0, 0)), SHOW(words[1]);   /* set, argument is a shift */
  SHOW(operate(7, 5, 0, 0, 3));
  SHOW(operate(0, 5, 9, 0, 3));
  pthread_t one, other;
  words[0] = 0, words[1] = 7;
  pthread_create(&one, NULL, waiter, &words[0]);
  pthread_create(&other, NULL, waiter, &words[1]);
  let_it_sleep();
  SHOW(operate(0, 7, 2, 7, 7)); /* less than: no wake at the second */
  SHOW(operate(0, 9, 3, 7, 7)); /* less or equal */
  SHOW(words[1]);
  pthread_join(one, NULL);
  pthread_join(other, NULL);
}
