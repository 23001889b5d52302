/* xorshift64*: the same numbers everywhere, cheap beside what is measured. */
#include <stdint.h>

static uint64_t random_state = 0x9E3779B97F4A7C15;

static inline uint64_t next_random(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545F4914F6CDD1D;
}
