/*
 * The C library's string functions (glibc picks SSE2 or AVX2 loops by CPUID): strlen, memcpy, strcmp, memchr, strchr and
 * memset over all lengths up to 256 and some longer ones, at all alignments within 32 bytes.
 */
#include <stdio.h>
#include <string.h>

static char from[8192 + 64], to[8192 + 64];

/* Through volatile pointers, so that the compiler does not do it itself. */
static size_t (*volatile do_strlen)(const char *) = strlen;
static void *(*volatile do_memcpy)(void *, const void *, size_t) = memcpy;
static int (*volatile do_strcmp)(const char *, const char *) = strcmp;
static void *(*volatile do_memchr)(const void *, int, size_t) = (void *(*)(const void *, int, size_t))memchr;
static char *(*volatile do_strchr)(const char *, int) = (char *(*)(const char *, int))strchr;
static void *(*volatile do_memset)(void *, int, size_t) = memset;

static unsigned long work(size_t length, size_t shift) {
  char *source = from + shift, *target = to + (shift * 7) % 32;
  unsigned long sum = 0;
  source[length] = 0;
  do_memcpy(target, source, length + 1);
  sum += do_strlen(target);
  sum += do_strcmp(source, target) == 0;
  sum += (char *)do_memchr(target, 0, length + 1) - target;
  sum += do_strchr(source, '#') == NULL;
  do_memset(target, '.', length);
  source[length] = 'a' + length % 23;
  return sum;
}

int main(void) {
  for (size_t i = 0; i < sizeof from; i++) from[i] = 'a' + i % 23;
  unsigned long sum = 0;
  for (int round = 0; round < 2400; round++) {
    for (size_t length = 0; length <= 256; length++)
      for (size_t shift = 0; shift < 32; shift += 3) sum += work(length, shift);
    for (size_t length = 512; length <= 8192; length += 512) sum += work(length, (length >> 9) % 32);
  }
  printf("%lu\n", sum);
  return 0;
}
