/*
 * The C library's functions of long doubles. Those that end in a transcendental instruction of x87 are printed to 17
 * digits, since its last bit is the processor's own.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))
static const struct {
  const char *name;
  long double (*of)(long double);
} ONE[] = {
  {"sinl", sinl}, {"cosl", cosl}, {"tanl", tanl}, {"asinl", asinl}, {"acosl", acosl}, {"atanl", atanl}, {"sinhl", sinhl},
  {"coshl", coshl}, {"tanhl", tanhl}, {"expl", expl}, {"exp2l", exp2l}, {"expm1l", expm1l}, {"logl", logl}, {"log2l", log2l},
  {"log10l", log10l}, {"log1pl", log1pl}, {"cbrtl", cbrtl}, {"erfl", erfl}, {"lgammal", lgammal},
}, EXACT[] = {
  {"sqrtl", sqrtl}, {"floorl", floorl}, {"ceill", ceill}, {"rintl", rintl}, {"roundl", roundl}, {"truncl", truncl}, {"logbl", logbl},
  {"fabsl", fabsl},
};
static const long double ARGUMENTS[] = {
  0, 1, -1, 0.5L, -0.5L, 2, 3, 0.1L, 1e-10L, 0.78539816339744830962L, 3.14159265358979323846L, 10, -20.25L, 100, 710, 1e5L, 1e18L,
  0.99999999999999999L, INFINITY, -INFINITY, 11000, 1e-4000L,
};

int main(void) {
  for (size_t f = 0; f < COUNT(ONE); f++) {
    printf("%s", ONE[f].name);
    for (size_t a = 0; a < COUNT(ARGUMENTS); a++) {
      long double value = ONE[f].of(ARGUMENTS[a]);
      printf(" %.17Lg", isnan(value) ? (long double)NAN : value);
    }
    putchar('\n');
  }
  for (size_t f = 0; f < COUNT(EXACT); f++) {
    printf("%s", EXACT[f].name);
    for (size_t a = 0; a < COUNT(ARGUMENTS); a++) {
      long double value = EXACT[f].of(ARGUMENTS[a]);
      if (isnan(value)) printf(" nan");
      else printf(" %La", value);
    }
    putchar('\n');
  }
  for (size_t a = 0; a < COUNT(ARGUMENTS); a++) {
    long double y = ARGUMENTS[(a * 5 + 2) % COUNT(ARGUMENTS)];
    printf("%.17Lg %.17Lg %.17Lg", fabsl(powl(fabsl(ARGUMENTS[a]), y)), atan2l(ARGUMENTS[a], y), hypotl(ARGUMENTS[a], y));
    long double rest = fmodl(ARGUMENTS[a], y), nearest = remainderl(ARGUMENTS[a], y);
    if (isnan(rest)) puts(" nan");
    else printf(" %La %La\n", rest, nearest);
  }
  return 0;
}
