/* xorshift64*: the same numbers everywhere. */
#include <stdint.h>
#include <string.h>

static uint64_t random_state = 0x9E3779B97F4A7C15;

static inline uint64_t next_random(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545F4914F6CDD1D;
}

/* A double of any kind: random bits, small whole numbers, infinities, denormals, zeros of both signs. */
static inline double random_double(void) {
  uint64_t bits = next_random();
  switch (next_random() % 8) {
    case 0: return (double)(int64_t)(bits % 2001) - 1000;
    case 1: bits &= 0x800FFFFFFFFFFFFF; break;
    case 2: bits &= 0xFFF0000000000000; break;
    case 3: return (double)(bits >> 11) * 0x1p-53;
    case 4: bits = (bits & 0x801FFFFFFFFFFFFF) | 0x3FE0000000000000; break;
  }
  double value;
  memcpy(&value, &bits, 8);
  return value;
}
