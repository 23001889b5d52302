/*
 * Integer arithmetic in registers: Collatz sequences (shifts, branches that are hard to predict), greatest common
 * divisors (64-bit division), modular powers (128-bit products). Hardly any memory.
 */
#include <stdint.h>
#include <stdio.h>

static uint64_t collatz_steps(uint64_t n) {
  uint64_t steps = 0;
  while (n != 1) {
    n = n & 1 ? 3 * n + 1 : n >> 1;
    steps++;
  }
  return steps;
}

static uint64_t gcd(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static uint64_t power_mod(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = (unsigned __int128)result * base % modulus;
    base = (unsigned __int128)base * base % modulus;
  }
  return result;
}

int main(void) {
  uint64_t longest = 0, divisors = 0, powers = 0;
  for (uint64_t n = 1; n < 900000; n++) {
    uint64_t steps = collatz_steps(n);
    if (steps > longest) longest = steps;
  }
  for (uint64_t a = 1; a < 1200; a++)
    for (uint64_t b = 1; b < 1200; b++) divisors += gcd(a * 1000003, b * 65537);
  for (uint64_t n = 1; n < 30000; n++) powers ^= power_mod(n, 0xFFFFFFFFFFFFFFC4, 0xFFFFFFFFFFFFFFC5);
  printf("%lu %lu %lx\n", longest, divisors, powers);
  return 0;
}
