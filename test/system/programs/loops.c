/*
 * Loops that compilers turn into vector code, over every element type: sums, minima, products, conversions, comparisons,
 * permutations, gathers, reversals, saturation. Lengths that leave remainders; addresses that are not aligned.
 */
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

#define MOST 203
static uint64_t hash;
static void mix(const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * 0x9E3779B97F4A7C15 + (hash >> 29);
}

#define INTEGER_LOOPS(T, NAME)                                                                         \
  __attribute__((noinline)) static void NAME(T *restrict to, const T *a, const T *b, int n) {          \
    for (int i = 0; i < n; i++) to[i] = a[i] + b[i]; mix(to, n * sizeof(T));                           \
    for (int i = 0; i < n; i++) to[i] = a[i] * b[i] - 3; mix(to, n * sizeof(T));                       \
    for (int i = 0; i < n; i++) to[i] = a[i] < b[i] ? a[i] : b[i]; mix(to, n * sizeof(T));             \
    for (int i = 0; i < n; i++) to[i] = a[i] > b[i] ? a[i] ^ 5 : b[i] >> 2; mix(to, n * sizeof(T));    \
    for (int i = 0; i < n; i++) to[i] = a[n - 1 - i] & ~b[i]; mix(to, n * sizeof(T));                  \
    for (int i = 0; i < n; i++) to[i] = a[i] << 3 | a[i] >> (sizeof(T) * 8 - 3); mix(to, n * sizeof(T)); \
    for (int i = 0; i < n; i++) to[i] = a[i] == b[i] ? -1 : a[i] / 3; mix(to, n * sizeof(T));          \
    for (int i = 0; i < n / 2; i++) to[i] = a[2 * i] - a[2 * i + 1]; mix(to, n / 2 * sizeof(T));       \
    for (int i = 0; i < n / 2; i++) { to[2 * i] = a[i]; to[2 * i + 1] = b[i]; } mix(to, n / 2 * 2 * sizeof(T)); \
    for (int i = 0; i < n; i++) to[i] = a[(unsigned char)b[i] % MOST]; mix(to, n * sizeof(T));         \
    T sum = 0, most = 0, any = 0;                                                                      \
    for (int i = 0; i < n; i++) { sum += a[i]; most = a[i] > most ? a[i] : most; any |= a[i] ^ b[i]; } \
    mix(&sum, sizeof sum); mix(&most, sizeof most); mix(&any, sizeof any);                             \
    long wide = 0; unsigned long dot = 0; int count = 0;                                               \
    for (int i = 0; i < n; i++) wide += a[i];                                                          \
    for (int i = 0; i < n; i++) dot += (unsigned long)a[i] * b[i];                                     \
    for (int i = 0; i < n; i++) count += a[i] > 10;                                                    \
    mix(&wide, sizeof wide); mix(&dot, sizeof dot); mix(&count, sizeof count);                         \
    int narrow[MOST]; for (int i = 0; i < n; i++) narrow[i] = a[i]; mix(narrow, n * sizeof(int));      \
    short shorts[MOST]; for (int i = 0; i < n; i++) shorts[i] = a[i] >> 1; mix(shorts, n * sizeof(short)); \
    signed char chars[MOST]; for (int i = 0; i < n; i++) chars[i] = a[i]; mix(chars, n);               \
    float floats[MOST]; for (int i = 0; i < n; i++) floats[i] = a[i]; mix(floats, n * sizeof(float));  \
    double doubles[MOST]; for (int i = 0; i < n; i++) doubles[i] = a[i]; mix(doubles, n * sizeof(double)); \
    for (int i = 0; i < n; i++) { long x = (long)(int)a[i] + (int)b[i]; to[i] = x > 100 ? 100 : x < -100 ? -100 : x; } \
    mix(to, n * sizeof(T));                                                                            \
  }
INTEGER_LOOPS(signed char, chars)
INTEGER_LOOPS(unsigned char, unsigned_chars)
INTEGER_LOOPS(short, shorts)
INTEGER_LOOPS(unsigned short, unsigned_shorts)
INTEGER_LOOPS(int, ints)
INTEGER_LOOPS(unsigned, unsigned_ints)
INTEGER_LOOPS(long, longs)
INTEGER_LOOPS(unsigned long, unsigned_longs)

#define REAL_LOOPS(T, NAME)                                                                            \
  __attribute__((noinline)) static void NAME(T *restrict to, const T *a, const T *b, int n) {          \
    for (int i = 0; i < n; i++) to[i] = a[i] + b[i]; mix(to, n * sizeof(T));                           \
    for (int i = 0; i < n; i++) to[i] = a[i] * b[i] + a[n - 1 - i]; mix(to, n * sizeof(T));            \
    for (int i = 0; i < n; i++) to[i] = a[i] - b[i] * (T)1.1; mix(to, n * sizeof(T));                  \
    for (int i = 0; i < n; i++) to[i] = a[i] < b[i] ? a[i] : b[i]; mix(to, n * sizeof(T));             \
    for (int i = 0; i < n; i++) to[i] = a[i] > 0 ? b[i] / (a[i] + 1) : -a[i]; mix(to, n * sizeof(T));  \
    for (int i = 0; i < n / 2; i++) { to[2 * i] = a[2 * i + 1] * b[i]; to[2 * i + 1] = a[2 * i] - b[i]; } mix(to, n / 2 * 2 * sizeof(T)); \
    for (int i = 0; i < n; i++) to[i] = a[((int)b[i] & 127)]; mix(to, n * sizeof(T));                  \
    int whole[MOST]; for (int i = 0; i < n; i++) whole[i] = a[i]; mix(whole, n * sizeof(int));         \
    long wide[MOST]; for (int i = 0; i < n; i++) wide[i] = a[i]; mix(wide, n * sizeof(long));          \
    float floats[MOST]; for (int i = 0; i < n; i++) floats[i] = a[i]; mix(floats, n * sizeof(float));  \
    double doubles[MOST]; for (int i = 0; i < n; i++) doubles[i] = a[i]; mix(doubles, n * sizeof(double)); \
    T sum = 0; for (int i = 0; i < n; i++) sum += a[i] * b[i]; mix(&sum, sizeof sum);                  \
    for (int i = 0; i < n; i++) to[i] = __builtin_sqrt(a[i] * a[i] + 1); mix(to, n * sizeof(T));       \
    for (int i = 0; i < n; i++) to[i] = __builtin_floor(a[i]) + __builtin_trunc(b[i]) - __builtin_fabs(a[i]); mix(to, n * sizeof(T)); \
  }
REAL_LOOPS(float, floats)
REAL_LOOPS(double, doubles)

#define RUN(T, NAME, VALUE)                                                                            \
  {                                                                                                    \
    static T a[MOST + 8], b[MOST + 8], to[MOST + 8];                                                   \
    for (int i = 0; i < MOST + 8; i++) { a[i] = VALUE; b[i] = VALUE; }                                 \
    for (int n = 0; n <= MOST - 3; n += n < 70 ? 1 : 43) NAME(to + n % 3, a + n % 5 % 3, b + n % 2, n); \
    printf(#NAME " %016lx\n", hash);                                                                   \
  }

int main(void) {
  RUN(signed char, chars, next_random()) RUN(unsigned char, unsigned_chars, next_random())
  RUN(short, shorts, next_random()) RUN(unsigned short, unsigned_shorts, next_random())
  RUN(int, ints, next_random()) RUN(unsigned, unsigned_ints, next_random())
  RUN(long, longs, next_random() >> next_random() % 64) RUN(unsigned long, unsigned_longs, next_random())
  RUN(float, floats, (float)(int)next_random() / 65536) RUN(double, doubles, (double)(int)next_random() / 65536)
  return 0;
}
