/* Calls and returns, direct and deep: the queens problem by backtracking, and Takeuchi's function. */
#include <stdint.h>
#include <stdio.h>

/* Not inlined, nor made into a loop: the calls are what is measured. */
__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls")))
static int count_queens(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  int count = 0;
  for (uint32_t free = all & ~(columns | left | right); free != 0; free &= free - 1) {
    uint32_t queen = free & -free;
    count += count_queens(all, columns | queen, (left | queen) << 1, (right | queen) >> 1);
  }
  return count;
}

__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls")))
static int takeuchi(int x, int y, int z) {
  if (y >= x) return z;
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

int main(void) {
  printf("%d %d\n", count_queens((1 << 14) - 1, 0, 0, 0), takeuchi(24, 13, 4));
  return 0;
}
