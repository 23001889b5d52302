/* Integer arithmetic of every width, signed and unsigned, as compilers write it down: results go into one hash per line. */
#include <limits.h>
#include <stdio.h>

#include "random.h"

static uint64_t hash;
static void mix(uint64_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15 + (hash >> 29); }

#define VALUES 40
static uint64_t values[VALUES] = {
  0, 1, 2, 3, 7, 8, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
  0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0xAAAAAAAAAAAAAAAA,
};

#define ARITHMETIC(NAME, S, U, BITS)                                            \
  __attribute__((noinline)) static void NAME(U a, U b) {                        \
    S x = (S)a, y = (S)b, s;                                                    \
    U u;                                                                        \
    unsigned by = b % BITS;                                                     \
    mix((U)(a + b)); mix((U)(a - b)); mix((U)(a * b)); mix((U)-a); mix((U)~a);  \
    mix((U)(a & b)); mix((U)(a | b)); mix((U)(a ^ b));                          \
    mix((U)(a << by)); mix((U)(a >> by)); mix((U)(x >> by));                    \
    mix((U)((U)(a << by) | (U)(a >> (-by % BITS))));                            \
    mix(a < b); mix(a <= b); mix(x < y); mix(x <= y); mix(a == b);              \
    if (b != 0) { mix((U)(a / b)); mix((U)(a % b)); }                           \
    if (y != 0 && y != -1) { mix((U)(x / y)); mix((U)(x % y)); }                \
    mix(__builtin_add_overflow(x, y, &s)); mix((U)s);                           \
    mix(__builtin_sub_overflow(x, y, &s)); mix((U)s);                           \
    mix(__builtin_mul_overflow(x, y, &s)); mix((U)s);                           \
    mix(__builtin_add_overflow(a, b, &u)); mix(u);                              \
    mix(__builtin_sub_overflow(a, b, &u)); mix(u);                              \
    mix(__builtin_mul_overflow(a, b, &u)); mix(u);                              \
    mix((U)(x / 7)); mix((U)(x % 10)); mix((U)(a / 10)); mix((U)(x / -8));      \
    mix((uint64_t)(int64_t)x); mix((uint64_t)(int8_t)x); mix((uint16_t)x);      \
  }
ARITHMETIC(arithmetic8, int8_t, uint8_t, 8)
ARITHMETIC(arithmetic16, int16_t, uint16_t, 16)
ARITHMETIC(arithmetic32, int32_t, uint32_t, 32)
ARITHMETIC(arithmetic64, int64_t, uint64_t, 64)

__attribute__((noinline)) static void bits(uint64_t a) {
  mix(__builtin_popcountll(a)); mix(__builtin_popcount(a)); mix(__builtin_parityll(a));
  mix(__builtin_bswap64(a)); mix(__builtin_bswap32(a)); mix(__builtin_bswap16(a));
  mix(__builtin_ffsll(a)); mix(__builtin_ffs(a));
  if (a) { mix(__builtin_clzll(a)); mix(__builtin_ctzll(a)); mix(a & -a); mix(a & (a - 1)); mix(a ^ (a - 1)); }
  if ((uint32_t)a) { mix(__builtin_clz(a)); mix(__builtin_ctz(a)); }
  mix(a >> 12 & 0xFF); mix(a & ~(a >> 1)); mix((a >> (a & 63)) & 1); mix(a | 1ull << (a >> 58)); mix(a & ~(1ull << (a & 31)));
}

struct fields {
  unsigned a : 3; int b : 5; unsigned c : 11; long d : 37; unsigned long e : 8;
};

__attribute__((noinline)) static void conditions(int64_t a, int64_t b) {
  int64_t most = a > b ? a : b, least = (uint64_t)a < (uint64_t)b ? a : b;
  mix(most); mix(least); mix(a < 0 ? -a : a); mix((a > b) - (a < b));
  switch (a & 15) {
    case 0: mix(1); break;
    case 1: case 2: mix(b); break;
    case 5: mix(a ^ 5); break;
    case 6: mix(b + 9); break;
    case 9: mix(a - b); break;
    case 11: mix(77); break;
    default: mix(a & b);
  }
}

int main(void) {
  for (int i = 24; i < VALUES; i++) values[i] = next_random() >> (i * 7 % 64);
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) arithmetic8(values[i], values[j]);
  printf("8 %016lx\n", hash);
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) arithmetic16(values[i], values[j]);
  printf("16 %016lx\n", hash);
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) arithmetic32(values[i], values[j]);
  printf("32 %016lx\n", hash);
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) arithmetic64(values[i], values[j]);
  printf("64 %016lx\n", hash);
  for (int i = 0; i < VALUES; i++) bits(values[i]);
  printf("bits %016lx\n", hash);
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) conditions(values[i], values[j]);
  printf("conditions %016lx\n", hash);
  volatile struct fields f = {0};
  for (int i = 0; i < VALUES; i++) {
    f.a += values[i]; f.b -= values[i]; f.c ^= values[i]; f.d *= 3; f.d += values[i]; f.e = f.e << 1 | f.a;
    mix(f.a); mix(f.b); mix(f.c); mix(f.d); mix(f.e);
  }
  printf("fields %016lx\n", hash);
  return hash & 63;
}
