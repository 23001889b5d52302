/* C11 atomics of every size, and compare-and-swap of 16 bytes; threads are one, so results are exact. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#define EVERY(TYPE, NAME)                                                                              \
  static void NAME(void) {                                                                             \
    static _Atomic TYPE x = 5;                                                                         \
    TYPE expected = 4, old[9];                                                                         \
    int no = atomic_compare_exchange_strong(&x, &expected, 9);                                         \
    int yes = atomic_compare_exchange_strong(&x, &expected, (TYPE)-3);                                 \
    old[0] = atomic_fetch_add(&x, 7); old[1] = atomic_fetch_sub(&x, 100); old[2] = atomic_fetch_or(&x, 0x51); \
    old[3] = atomic_fetch_and(&x, 0x7B); old[4] = atomic_fetch_xor(&x, 0x3C); old[5] = atomic_exchange(&x, 77); \
    old[6] = x++; old[7] = --x; old[8] = x *= 3;                                                       \
    printf(#NAME " %d %d %ld:", no, yes, (long)expected);                                              \
    for (int i = 0; i < 9; i++) printf(" %ld", (long)old[i]);                                          \
    printf(" %ld\n", (long)atomic_load(&x));                                                           \
  }
EVERY(signed char, bytes)
EVERY(short, shorts)
EVERY(int, ints)
EVERY(long, longs)
EVERY(unsigned char, unsigned_bytes)
EVERY(unsigned, unsigned_ints)

static void pairs(void) {
  static unsigned __int128 value = 1;
  unsigned __int128 two64 = (unsigned __int128)1 << 64;
  int no = __sync_bool_compare_and_swap(&value, 2, 3);
  int yes = __sync_bool_compare_and_swap(&value, 1, two64 * 7 + 9);
  unsigned __int128 before = __sync_val_compare_and_swap(&value, two64 * 7 + 9, two64 * 0xFEDCBA9876543210 + 1);
  for (int i = 0; i < 1000; i++) {
    unsigned __int128 seen;
    do seen = value;
    while (!__sync_bool_compare_and_swap(&value, seen, seen * 3 + i));
  }
  printf("pairs %d %d %lx %lx %016lx%016lx\n", no, yes, (uint64_t)(before >> 64), (uint64_t)before, (uint64_t)(value >> 64), (uint64_t)value);
}

int main(void) {
  bytes(); shorts(); ints(); longs(); unsigned_bytes(); unsigned_ints(); pairs();
  static atomic_flag flag = ATOMIC_FLAG_INIT;
  int first = atomic_flag_test_and_set(&flag), second = atomic_flag_test_and_set(&flag);
  atomic_flag_clear(&flag);
  static _Atomic(void *) head;
  struct node { struct node *next; int value; } nodes[10];
  for (int i = 0; i < 10; i++) {
    void *seen = head;
    do nodes[i] = (struct node){seen, i};
    while (!atomic_compare_exchange_weak(&head, &seen, &nodes[i]));
  }
  int sum = 0;
  for (struct node *node = head; node; node = node->next) sum = sum * 3 + node->value;
  static _Atomic double real = 0.5;
  double half = 0.5;
  int changed = atomic_compare_exchange_strong(&real, &half, 0.75);
  atomic_thread_fence(memory_order_seq_cst);
  printf("%d %d %d %d %d %g\n", changed, first, second, atomic_flag_test_and_set(&flag), sum, (double)real);
  return 0;
}
