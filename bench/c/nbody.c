/* Scalar double: five bodies under their own gravity. Additions, products, divisions and square roots, in registers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BODIES 5
struct body {
  double x, y, z, vx, vy, vz, mass;
};
static struct body bodies[BODIES] = {
  {0, 0, 0, 0, 0, 0, 39.5},
  {4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.037},
  {8.3, 4.1, -0.4, -1.0, 1.8, 0.008, 0.011},
  {12.9, -15.1, -0.2, 1.1, 0.9, -0.01, 0.0017},
  {15.4, -25.9, 0.2, 1.0, 0.6, -0.03, 0.002},
};

static void advance(double step) {
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz;
      double magnitude = step / (square * sqrt(square));
      a->vx -= dx * b->mass * magnitude;
      a->vy -= dy * b->mass * magnitude;
      a->vz -= dz * b->mass * magnitude;
      b->vx += dx * a->mass * magnitude;
      b->vy += dy * a->mass * magnitude;
      b->vz += dz * a->mass * magnitude;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    a->x += step * a->vx;
    a->y += step * a->vy;
    a->z += step * a->vz;
  }
}

int main(void) {
  for (int i = 0; i < 1500000; i++) advance(0.001);
  unsigned long bits[3];
  memcpy(bits, &bodies[1], sizeof bits);
  printf("%016lx %016lx %016lx\n", bits[0], bits[1], bits[2]);
  return 0;
}
