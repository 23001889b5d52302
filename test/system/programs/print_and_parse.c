/* printf and strtod of doubles, decimal and hexadecimal, in many formats, and back. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

static const char *const FORMATS[] = {
  "%f", "%e", "%g", "%a", "%.0f", "%.1e", "%.17g", "%.20f", "%25.3f|", "%-25.10e|", "%+G", "%#.0f", "%010.2f", "% g", "%.3a", "%.40g",
};
static const double VALUES[] = {
  0, -0.0, 1, -1, 0.1, 0.5, 1.5, 2.5, 1e-5, 123456789.125, 1e15, 1e16, 1e22, 1e23, 1e100, DBL_MAX, DBL_MIN, 5e-324,
  2.2250738585072011e-308, 0.3, 9.995, 99999.95, 4.35, M_PI, INFINITY, -INFINITY,
};
static const char *const TEXTS[] = {
  "0", "-0", "1", "0.1", "1e400", "-1e400", "1e-400", "2.4703282292062327e-324", "2.4703282292062328e-324", "infinity", "-inf",
  "0x1.8p3", "0x1p-1074", "0x1.fffffffffffff8p1023", "9007199254740993", "9007199254740992.5", "1.7976931348623158e308",
  "1.7976931348623159e308", "12345678901234567890123456789012345678901234567890e-40", " +3.5abc", "1e", ".5", ".", "1e+5x", "0x", "1_",
  "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
};

int main(void) {
  for (size_t v = 0; v < sizeof VALUES / sizeof *VALUES; v++)
    for (size_t f = 0; f < sizeof FORMATS / sizeof *FORMATS; f++) {
      printf(FORMATS[f], VALUES[v]);
      putchar(f % 4 == 3 ? '\n' : ' ');
    }
  for (size_t t = 0; t < sizeof TEXTS / sizeof *TEXTS; t++) {
    char *end;
    double value = strtod(TEXTS[t], &end);
    printf("%.20s -> %a, %ld used; %a\n", TEXTS[t], value, (long)(end - TEXTS[t]), (double)strtof(TEXTS[t], NULL));
  }
  int wrong = 0;
  for (int i = 0; i < 300; i++) {
    double value = random_double();
    if (isnan(value)) continue;
    char text[400];
    snprintf(text, sizeof text, "%.17g", value);
    wrong += strtod(text, NULL) != value;
    if (i % 20 == 0) printf("%s %.15g %.25e\n", text, value, value);
  }
  double scanned;
  float single;
  int count = sscanf("3.25e2 0x1.8p1", "%lf %f", &scanned, &single);
  printf("%d wrong; scanned %d: %g %g\n", wrong, count, scanned, single);
  return wrong;
}
