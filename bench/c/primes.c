/* Byte stores at growing strides: the sieve of Eratosthenes over 4 MiB of flags. */
#include <stdio.h>
#include <string.h>

#define LIMIT (4 << 20)
static unsigned char composite[LIMIT];

int main(void) {
  unsigned long sum = 0;
  for (int round = 0; round < 20; round++) {
    memset(composite, 0, LIMIT);
    for (long n = 2; n * n < LIMIT; n++)
      if (!composite[n])
        for (long multiple = n * n; multiple < LIMIT; multiple += n) composite[multiple] = 1;
    for (long n = 2 + round; n < LIMIT; n++)
      if (!composite[n]) sum += n;
  }
  printf("%lu\n", sum);
  return 0;
}
