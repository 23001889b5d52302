/* 128-bit integers: the compiler's own instructions (adc, sbb, shld, mul) and its library's division. */
#include <stdio.h>

#include "random.h"

typedef __int128 s128;
typedef unsigned __int128 u128;

static void print(const char *name, u128 value) {
  printf("%s %016lx%016lx\n", name, (uint64_t)(value >> 64), (uint64_t)value);
}
static u128 wide(void) {
  u128 value = (u128)next_random() << 64 | next_random();
  return value >> next_random() % 128;
}
static u128 isqrt(u128 n) {
  u128 root = 0;
  for (u128 bit = (u128)1 << 126; bit != 0; bit >>= 2) {
    if (n >= root + bit) {
      n -= root + bit;
      root = (root >> 1) + bit;
    } else
      root >>= 1;
  }
  return root;
}

int main(void) {
  u128 sum = 0;
  for (int i = 0; i < 300; i++) {
    u128 a = wide(), b = wide() | 1;
    s128 x = a, y = (s128)(next_random() & 1 ? b : -b);
    unsigned by = next_random() % 128;
    sum = sum * 0x9E3779B97F4A7C15 + (a + b) + (a - b) * 3 + a * b * 5 + (a << by) * 7 + (a >> by) * 11 + (u128)(x >> by) * 13;
    sum += a / b + a % b * 17 + (u128)(x / y) * 19 + (u128)(x % y) * 23 + (a < b) * 29 + (x < y) * 31;
    sum += isqrt(a) * 37;
    s128 checked;
    u128 product;
    sum += __builtin_mul_overflow(x, y, &checked) * 41 + __builtin_mul_overflow(a, b, &product) * 43;
    sum += (u128)(double)a + (u128)(s128)(float)(x >> 2) + (u128)((double)a / 3);
    if (i % 50 == 0) {
      print("a", a); print("a/b", a / b); print("a%b", a % b); print("a*b", a * b); print("a>>", a >> by);
      print("x/y", x / y); printf("%a %a\n", (double)a, (double)x);
    }
  }
  print("sum", sum);
  u128 factorial = 1;
  for (int i = 1; i <= 34; i++) factorial *= i;
  char digits[50], *at = digits + 49;
  *at = 0;
  for (; factorial != 0; factorial /= 10) *--at = '0' + (int)(factorial % 10);
  puts(at);
  return 0;
}
