/* setjmp and longjmp out of nested calls, with values that must survive; variable arguments; alloca; deep recursion. */
#include <alloca.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static jmp_buf places[3];

static int dig(int depth, int throw_at) {
  volatile char ballast[100];
  ballast[depth % 100] = depth;
  if (depth > 1000) return 0;
  if (depth == throw_at) longjmp(places[depth % 3], depth);
  return dig(depth + 1, throw_at) + ballast[depth % 100];
}

static double sum_of(const char *kinds, ...) {
  va_list args;
  va_start(args, kinds);
  double sum = 0;
  for (; *kinds; kinds++) switch (*kinds) {
      case 'i': sum += va_arg(args, int); break;
      case 'l': sum += va_arg(args, long); break;
      case 'd': sum += va_arg(args, double); break;
      case 's': sum += strlen(va_arg(args, char *)); break;
    }
  va_end(args);
  return sum;
}

static long recurse(long n) { return n == 0 ? 0 : 1 + recurse(n - 1) % 1000003; }

static int stack_array(int count) {
  int *numbers = alloca(count * sizeof *numbers), sum = 0;
  int sizes[count];
  for (int i = 0; i < count; i++) sizes[i] = numbers[i] = i * i;
  for (int i = 0; i < count; i++) sum += numbers[i] ^ sizes[count - 1 - i];
  return sum;
}

int main(void) {
  volatile int rounds = 0;
  volatile double kept = 0.5;
  for (int place = 0; place < 3; place++) {
    int value = setjmp(places[place]);
    if (value == 0) dig(0, 30 + place);
    rounds += value;
    kept *= 3;
    printf("place %d: %d, %g\n", place, value, kept);
  }
  int again = setjmp(places[0]);
  if (again < 5) longjmp(places[0], again + 1);
  printf("again %d, rounds %d\n", again, rounds);
  if (setjmp(places[1]) == 0) longjmp(places[1], 0);
  else puts("0 becomes 1");
  printf("%g\n", sum_of("idlsdiddddddddil", 1, 2.5, 3L, "four", 5.25, 6, 7., 8., 9., 10., 11., 12., 13., 14., 15, 16L));
  printf("%ld %d\n", recurse(50000), stack_array(1000));
  return again;
}
