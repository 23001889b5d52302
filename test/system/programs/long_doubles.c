/* long double: x87's 80 bits. Arithmetic, comparisons, conversions, rounding; results as bits. */
#include <fenv.h>
#include <math.h>
#include <stdio.h>

#include "random.h"

static uint64_t hash;
static void mix(uint64_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15 + (hash >> 29); }
static void mix_long(long double x) {
  uint64_t words[2] = {0};
  memcpy(words, &x, 10);
  mix(words[0]);
  mix(words[1]);
}
static long double random_long(void) {
  long double value = (long double)random_double() * (1 + (long double)next_random() * 0x1p-80L);
  return next_random() % 8 == 0 ? value * 0x1p-16000L : value;
}

__attribute__((noinline)) static void work(long double a, long double b) {
  mix_long(a + b); mix_long(a - b); mix_long(a * b); mix_long(a / b); mix_long(sqrtl(a)); mix_long(-a); mix_long(fabsl(a));
  mix(a < b); mix(a <= b); mix(a == b); mix(isunordered(a, b)); mix(fpclassify(a)); mix(signbit(a) != 0);
  mix_long(floorl(a)); mix_long(ceill(a)); mix_long(rintl(a)); mix_long(truncl(a)); mix_long(roundl(a)); mix_long(fmodl(a, b));
  mix_long(ldexpl(a, 5)); mix_long(copysignl(a, b));
  double d = a;
  float f = a;
  uint64_t bits = 0;
  memcpy(&bits, &d, 8); mix(bits);
  bits = 0;
  memcpy(&bits, &f, 4); mix(bits);
  mix_long(d); mix_long(f);
  if (fabsl(a) < 9e18L) { mix((int64_t)a); mix((int32_t)(int64_t)a); mix((uint64_t)fabsl(a)); mix(llrintl(a)); }
  int exponent;
  if (isfinite(a)) { mix_long(frexpl(a, &exponent)); mix(exponent); }
}

int main(void) {
  static const int MODES[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  for (int mode = 0; mode < 4; mode++) {
    fesetround(MODES[mode]);
    for (int i = 0; i < 1500; i++) work(random_long(), random_long());
    for (int i = 0; i < 1500; i++) {
      uint64_t a = next_random() >> next_random() % 64;
      mix_long((int64_t)a); mix_long(a); mix_long((int32_t)a); mix_long((int16_t)a);
    }
    printf("mode %d %016lx\n", mode, hash);
  }
  fesetround(FE_TONEAREST);
  long double sum = 0;
  for (int i = 1; i < 1000; i++) sum += 1.0L / i;
  printf("%La\n", sum);
  return 0;
}
