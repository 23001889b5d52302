/*
 * Loads and stores all over 64 MiB, far beyond any cache or TLB: updates at random places that do not depend on each
 * other, then a chain of loads, each of which says where the next one is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

#define WORDS (8u << 20)

int main(void) {
  uint64_t *words = malloc(WORDS * sizeof *words);
  for (uint32_t i = 0; i < WORDS; i++) words[i] = i;
  for (int i = 0; i < 4000000; i++) {
    uint64_t random = next_random();
    words[random % WORDS] ^= random >> 7;
  }
  uint64_t at = 0;
  for (int i = 0; i < 1000000; i++) at = (words[at % WORDS] * 0x9E3779B97F4A7C15 >> 20) + i;
  printf("%lx\n", at);
  return 0;
}
