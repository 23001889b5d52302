/* qsort and bsearch with callbacks: integers, doubles, strings, structures of odd sizes, sorted and equal input. */
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

struct odd {
  char name[5];
  short rank;
  char tail[4];
};

static long comparisons;
static int by_int(const void *a, const void *b) {
  comparisons++;
  return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}
static int by_double(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static int by_odd(const void *a, const void *b) {
  const struct odd *x = a, *y = b;
  return x->rank != y->rank ? x->rank - y->rank : memcmp(x->name, y->name, sizeof x->name);
}

int main(void) {
  static int ints[3000];
  static double doubles[1000];
  static char texts[500][12], *pointers[500];
  static struct odd odds[700];
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 3000; i++) ints[i] = round == 0 ? (int)next_random() : round == 1 ? i : round == 2 ? -i : 5;
    comparisons = 0;
    qsort(ints, 3000, sizeof *ints, by_int);
    unsigned sum = 0;
    for (int i = 0; i < 3000; i++) sum = sum * 31 + ints[i];
    printf("ints %u, %ld comparisons\n", sum, comparisons);
  }
  for (int i = 0; i < 1000; i++) doubles[i] = (double)(int64_t)next_random() / 3;
  qsort(doubles, 1000, sizeof *doubles, by_double);
  for (int i = 0; i < 1000; i += 111) printf("%.17g\n", doubles[i]);
  for (int i = 0; i < 500; i++) {
    snprintf(texts[i], sizeof *texts, "%lx", next_random() % 100000);
    pointers[i] = texts[i];
  }
  qsort(pointers, 500, sizeof *pointers, by_text);
  for (int i = 0; i < 500; i += 50) puts(pointers[i]);
  for (int i = 0; i < 700; i++) {
    odds[i].rank = next_random() % 50;
    snprintf(odds[i].name, sizeof odds->name, "%03d", i);
    memcpy(odds[i].tail, odds[i].name, 4);
  }
  qsort(odds, 700, sizeof *odds, by_odd);
  int broken = 0;
  for (int i = 0; i < 700; i++) broken += strcmp(odds[i].name, odds[i].tail) != 0;
  struct odd wanted = odds[321];
  struct odd *found = bsearch(&wanted, odds, 700, sizeof *odds, by_odd);
  printf("%s %d %d %ld\n", odds[99].name, odds[99].rank, broken, (long)(found - odds));
  return 0;
}
