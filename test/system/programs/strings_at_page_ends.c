/*
 * String functions at every alignment and length, with the last byte before a page that must not be touched, and with
 * the first after one: what reads or writes too far is killed.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <wchar.h>

#define PAGE 4096
#define LENGTHS 140

static unsigned long sum;
static void mix(unsigned long value) { sum = sum * 31 + value; }
static int sign(int x) { return (x > 0) - (x < 0); }

/* Three pages of which only the middle one may be touched. */
static char *island(void) {
  char *pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) exit(2);
  if (mprotect(pages, PAGE, PROT_NONE) || mprotect(pages + 2 * PAGE, PAGE, PROT_NONE)) exit(2);
  return pages + PAGE;
}

static void fill(char *at, size_t length, int seed) {
  for (size_t i = 0; i < length; i++) at[i] = 'a' + (i * 7 + seed) % 25;
}

/* `a` holds length bytes and a NUL, `b` as much. */
static void strings(char *a, char *b, size_t length) {
  fill(a, length, 1);
  a[length] = 0;
  mix(strlen(a)); mix(strnlen(a, length)); mix(strnlen(a, length + 1)); mix(strchr(a, 'z') == NULL);
  mix((char *)memchr(a, 0, length + 1) - a); mix(strchrnul(a, '#') - a); mix(strrchr(a, 0) - a);
  memset(b, '#', length + 1);
  mix(strcpy(b, a) == b); mix(strcmp(a, b)); mix(strncmp(a, b, length + 1)); mix(strcasecmp(a, b));
  mix(stpcpy(b, a) - b);
  mix(strspn(a, "abcdefghijklmnopqrstuvwxy")); mix(strcspn(a, "#z")); mix(strpbrk(a, "z!") == NULL);
  if (length > 0) {
    a[length - 1] = 'z';
    mix(strchr(a, 'z') - a); mix(strrchr(a, 'z') - a); mix(sign(strcmp(a, b))); mix(sign(strcmp(b, a)));
    mix(strstr(a, "z") - a); mix(strstr(a, a + length / 2) - a); mix(strcspn(a, "z"));
    mix(sign(strncmp(a, b, length - 1))); mix(sign(strncmp(a, b, length)));
    b[0] = 0;
    mix(strlen(strncat(b, a, length)));
    mix(strlen(strncpy(b, a, length + 1)));
  }
}

/* Both hold length bytes, without a NUL. */
static void memory(char *a, char *b, size_t length) {
  fill(a, length, 3);
  mix(memcpy(b, a, length) == b); mix(memcmp(a, b, length)); mix(memchr(a, 'z', length) == NULL);
  mix(memrchr(a, 'z', length) == NULL); mix(strnlen(a, length)); mix((char *)mempcpy(b, a, length) - b);
  mix(strncmp(a, b, length));
  if (length > 0) {
    a[length - 1] = 'z';
    mix((char *)memchr(a, 'z', length) - a); mix((char *)memrchr(a, 'z', length) - a);
    mix(sign(memcmp(a, b, length))); mix(sign(memcmp(b, a, length)));
    mix((char *)memmem(a, length, "z", 1) - a);
    memmove(a, a + 1, length - 1); mix(a[length / 2]);
    memmove(a + 1, a, length - 1); mix(a[length / 2]);
  }
  memset(b, 'y', length);
  for (size_t i = 0; i < length; i++) mix(b[i]);
}

int main(void) {
  char *first = island(), *second = island();
  for (size_t length = 0; length < LENGTHS; length++)
    for (size_t shift = 0; shift < 64; shift += length < 40 ? 1 : 7) {
      size_t other = (shift * 5 + length) % 64;
      strings(first + PAGE - 1 - length - shift, second + PAGE - 1 - length - other, length);
      strings(first + shift, second + other, length);
      memory(first + PAGE - length - shift, second + PAGE - length - other, length);
      memory(first + shift, second + other, length);
    }
  printf("%016lx\n", sum);
  for (size_t length = 200; length < PAGE; length += 487) {
    strings(first + PAGE - 1 - length, second + PAGE - 1 - length, length);
    memory(first + PAGE - length, second + PAGE - length, length);
    memory(first, second, length);
  }
  printf("%016lx\n", sum);
  for (size_t length = 0; length < 40; length++) {
    wchar_t *wide = (wchar_t *)(first + PAGE) - length - 1;
    wmemset(wide, L'x', length);
    wide[length] = 0;
    mix(wcslen(wide)); mix(wcschr(wide, L'y') == NULL); mix(wmemchr(wide, 0, length + 1) - wide);
  }
  printf("%016lx\n", sum);
  return 0;
}
