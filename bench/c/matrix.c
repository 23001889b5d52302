/* Packed double, as gcc -O3 vectorises it: products of 256x256 matrices, then a five-point stencil on the result. */
#include <stdio.h>
#include <string.h>

#define N 256
static double a[N][N], b[N][N], c[N][N];

static void multiply(void) {
  memset(c, 0, sizeof c);
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++) {
      double factor = a[i][k];
      for (int j = 0; j < N; j++) c[i][j] += factor * b[k][j];
    }
}

static void smooth(double (*restrict to)[N], double (*restrict from)[N]) {
  for (int i = 1; i < N - 1; i++)
    for (int j = 1; j < N - 1; j++)
      to[i][j] = 0.2 * (from[i][j] + from[i - 1][j] + from[i + 1][j] + from[i][j - 1] + from[i][j + 1]);
}

int main(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (i * 7 + j * 3) % 17 / 16.0 - 0.5;
      b[i][j] = (i * 5 + j * 11) % 19 / 16.0 - 0.5;
    }
  for (int round = 0; round < 25; round++) {
    multiply();
    memcpy(a, c, sizeof a);
    for (int step = 0; step < 20; step++) {
      smooth(a, c);
      smooth(c, a);
    }
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) a[i][j] = c[i][j] / 64;
  }
  double sum = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) sum += c[i][j];
  unsigned long bits;
  memcpy(&bits, &sum, sizeof bits);
  printf("%016lx\n", bits);
  return 0;
}
