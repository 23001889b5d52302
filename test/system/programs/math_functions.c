/* The C library's functions of doubles and floats over ordinary, large, small and special arguments, as hex floats. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>

#include "random.h"

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))
static const struct {
  const char *name;
  double (*of)(double);
} ONE[] = {
  {"sin", sin}, {"cos", cos}, {"tan", tan}, {"asin", asin}, {"acos", acos}, {"atan", atan}, {"sinh", sinh}, {"cosh", cosh},
  {"tanh", tanh}, {"asinh", asinh}, {"acosh", acosh}, {"atanh", atanh}, {"exp", exp}, {"exp2", exp2}, {"expm1", expm1},
  {"log", log}, {"log2", log2}, {"log10", log10}, {"log1p", log1p}, {"logb", logb}, {"sqrt", sqrt}, {"cbrt", cbrt},
  {"erf", erf}, {"erfc", erfc}, {"tgamma", tgamma}, {"lgamma", lgamma}, {"j0", j0}, {"y1", y1}, {"floor", floor},
  {"nearbyint", nearbyint}, {"round", round}, {"trunc", trunc},
};
static const struct {
  const char *name;
  double (*of)(double, double);
} TWO[] = {
  {"pow", pow}, {"atan2", atan2}, {"hypot", hypot}, {"fmod", fmod}, {"remainder", remainder}, {"fdim", fdim}, {"fmax", fmax},
  {"nextafter", nextafter}, {"copysign", copysign},
};
static const struct {
  const char *name;
  float (*of)(float);
} SINGLE[] = {
  {"sinf", sinf}, {"cosf", cosf}, {"tanf", tanf}, {"expf", expf}, {"logf", logf}, {"atanf", atanf}, {"cbrtf", cbrtf},
  {"sinhf", sinhf}, {"erff", erff}, {"tgammaf", tgammaf},
};
static const double ARGUMENTS[] = {
  0, -0.0, 1, -1, 0.5, -0.5, 2, 3, 0.1, 1e-10, 1e-300, 5e-324, 0.7853981633974483, 1.5707963267948966, 3.141592653589793, 10,
  -20.25, 100, 710, -746, 1e5, 1e10, 1e22, 1e300, 0.9999999999999999, 1.0000000000000002, INFINITY, -INFINITY, 170.5, -2.5,
};

/* The sign of a NaN is no result. */
static double seen(double x) { return isnan(x) ? (double)NAN : x; }

int main(void) {
  for (size_t f = 0; f < COUNT(ONE); f++) {
    printf("%s", ONE[f].name);
    for (size_t a = 0; a < COUNT(ARGUMENTS); a++) printf(" %a", fabs(seen(ONE[f].of(ARGUMENTS[a]))));
    double sum = 0;
    for (int i = 0; i < 200; i++) {
      double value = ONE[f].of((double)(next_random() >> 11) * 0x1p-50 - 4);
      if (isfinite(value)) sum = sum * 0.75 + value;
    }
    printf(" %a\n", sum);
  }
  for (size_t f = 0; f < COUNT(TWO); f++) {
    printf("%s", TWO[f].name);
    for (size_t a = 0; a < COUNT(ARGUMENTS); a++)
      printf(" %a", fabs(seen(TWO[f].of(ARGUMENTS[a], ARGUMENTS[(a * 7 + 3) % COUNT(ARGUMENTS)]))));
    putchar('\n');
  }
  for (size_t f = 0; f < COUNT(SINGLE); f++) {
    printf("%s", SINGLE[f].name);
    for (size_t a = 0; a < COUNT(ARGUMENTS); a++) printf(" %a", fabs(seen(SINGLE[f].of((float)ARGUMENTS[a]))));
    putchar('\n');
  }
  int exponent, quotient;
  double whole;
  double fraction = frexp(1234.5678, &exponent), part = modf(-1234.5678, &whole), rest = remquo(29.5, 3.25, &quotient);
  printf("%a %d %a %a %a %a %d\n", fraction, exponent, part, whole, ldexp(0.7, -1060), rest, quotient & 7);
  printf("%a %a\n", fma(0x1.0000001p0, 0x1.0000001p0, -1.0), fma(1e308, 10, -1e308));
  printf("%ld %lld %ld\n", lrint(2.5), llround(-2.5), lround(1e15 + 0.5));
  double sine, cosine;
  sincos(1e6, &sine, &cosine);
  printf("%a %a %d\n", sine, cosine, ilogb(0x1p-1070));
  return 0;
}
