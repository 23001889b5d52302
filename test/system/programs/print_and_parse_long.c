/* printf and strtold of long doubles. */
#define _GNU_SOURCE
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

static const char *const FORMATS[] = {"%Lf", "%Le", "%Lg", "%La", "%.0Lf", "%.21Lg", "%.30Lf", "%+.40Le", "%.50Lg"};
static const long double VALUES[] = {
  0, -0.0L, 1, -1, 0.1L, 2.5L, 1e-5L, 123456789.125L, 1e19L, 1e100L, 1e1000L, LDBL_MIN, 0x1p-16445L, 0.3L, 3.14159265358979323846264338327950288L, INFINITY,
};
static const char *const TEXTS[] = {
  "0", "0.1", "1e5000", "1e-5000", "0x1.8p3", "0x1p-16445", "18446744073709551617", "18446744073709551616.5", "1.18973149535723176502e4932",
  "3.3621031431120935063e-4932", "1.8225997659412373013e-4951", "-inf", "0.3333333333333333333333333333333333333333",
};

int main(void) {
  for (size_t v = 0; v < sizeof VALUES / sizeof *VALUES; v++)
    for (size_t f = 0; f < sizeof FORMATS / sizeof *FORMATS; f++) {
      printf(FORMATS[f], VALUES[v]);
      putchar(f % 3 == 2 ? '\n' : ' ');
    }
  printf("%Lf\n", LDBL_MAX);
  for (size_t t = 0; t < sizeof TEXTS / sizeof *TEXTS; t++) printf("%s -> %La\n", TEXTS[t], strtold(TEXTS[t], NULL));
  int wrong = 0;
  for (int i = 0; i < 100; i++) {
    long double value = (long double)random_double() * (1 + (long double)next_random() * 0x1p-80L);
    if (isnan(value)) continue;
    char text[400];
    snprintf(text, sizeof text, "%.21Lg", value);
    wrong += strtold(text, NULL) != value;
    if (i % 10 == 0) printf("%s %La\n", text, value);
  }
  long double scanned;
  int count = sscanf("3.25e2000", "%Lf", &scanned);
  printf("%d wrong; scanned %d: %Lg\n", wrong, count, scanned);
  return wrong;
}
