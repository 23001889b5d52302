/* float and double: arithmetic, comparisons, conversions both ways, rounding, of every kind of value; results as bits. */
#include <fenv.h>
#include <math.h>
#include <stdio.h>

#include "random.h"

static uint64_t hash;
static void mix(uint64_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15 + (hash >> 29); }
static void mix_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  mix(bits);
}
static void mix_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  mix(bits);
}

__attribute__((noinline)) static void doubles(double a, double b, double c) {
  mix_double(a + b); mix_double(a - b); mix_double(a * b); mix_double(a / b); mix_double(sqrt(a)); mix_double(-a);
  mix_double(fabs(a)); mix_double(a * b + c); mix_double(fmin(a, b)); mix_double(a < b ? a : b); mix_double(a > b ? a : b);
  mix(a < b); mix(a <= b); mix(a == b); mix(a != b); mix(isunordered(a, b)); mix(isgreater(a, b));
  mix_double(floor(a)); mix_double(ceil(a)); mix_double(trunc(a)); mix_double(rint(a)); mix_double(round(a));
  mix_double(copysign(a, b)); mix_double(fmod(a, b)); mix(signbit(a) != 0); mix(fpclassify(a));
  mix_float((float)a);
  if (fabs(a) < 1e9) { mix((int32_t)a); mix((uint32_t)(int64_t)a); mix(lrint(a)); }
  if (fabs(a) < 9e18) { mix((int64_t)a); mix((uint64_t)fabs(a)); }
}

__attribute__((noinline)) static void singles(float a, float b, float c) {
  mix_float(a + b); mix_float(a - b); mix_float(a * b); mix_float(a / b); mix_float(sqrtf(a)); mix_float(-a);
  mix_float(a * b + c); mix_float(a < b ? a : b); mix(a < b); mix(a == b); mix_double(a); mix_float(floorf(a));
  mix_float(rintf(a)); mix_float(fmaxf(a, b));
  if (fabsf(a) < 1e9f) mix((int32_t)a);
}

__attribute__((noinline)) static void integers(uint64_t a) {
  mix_double((int32_t)a); mix_double((uint32_t)a); mix_double((int64_t)a); mix_double(a);
  mix_float((int32_t)a); mix_float((uint32_t)a); mix_float((int64_t)a); mix_float(a); mix_double((int16_t)a);
}

static void all(const char *name) {
  for (int i = 0; i < 2000; i++) doubles(random_double(), random_double(), random_double());
  printf("%s doubles %016lx\n", name, hash);
  for (int i = 0; i < 2000; i++) singles((float)random_double(), (float)random_double(), (float)random_double());
  printf("%s singles %016lx\n", name, hash);
  for (int i = 0; i < 2000; i++) integers(next_random() >> next_random() % 64);
  printf("%s integers %016lx\n", name, hash);
}

int main(void) {
  static const int MODES[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  static const char *const NAMES[] = {"nearest", "up", "down", "zero"};
  for (int i = 0; i < 4; i++) {
    fesetround(MODES[i]);
    all(NAMES[i]);
  }
  fesetround(FE_TONEAREST);
  volatile double one = 1, three = 3, zero = 0, huge = 1e308, tiny = 1e-308;
  feclearexcept(FE_ALL_EXCEPT);
  volatile double result = one / three;
  printf("inexact %x\n", fetestexcept(FE_ALL_EXCEPT));
  result = one / zero; result = huge * huge; result = tiny * tiny; result = zero / zero;
  printf("all %x\n", fetestexcept(FE_ALL_EXCEPT));
  (void)result;
  return 0;
}
