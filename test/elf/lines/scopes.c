/* Lines in functions, scopes and inlined calls: what a debugger has to choose between. No library: _start is here. */
#include "inlined.h"

volatile int counter;

static int sum_of_squares(int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++) {
		int each = square(i);
		sum += each;
	}
	return sum;
}

#define TWICE(x) do { counter += (x); counter += (x); } while (0)

/* A comment, then two functions on a line. */
int first(int a) { return a + 1; } int second(int a) { return first(a) + first(a + 1); }

__attribute__((noinline)) int choose(int a)
{
	switch (a & 3) {
	case 0:
		return second(a);
	case 1: {
		int b = a * 3; TWICE(b);
		return b;
	}
	default:
		break;
	}
	while (a > 10)
		a -= sum_of_squares(3);
	return a;
}

__attribute__((noreturn)) static void leave(int status)
{
	__asm__ volatile("syscall" : : "a"(60), "D"(status));
	__builtin_unreachable();
}

int main(void)
{
	int total = 0;

	for (int i = 0; i < 5; i++)
		total += choose(i + counter);
	total += square(total);
	return total;
}

void _start(void)
{
	__asm__ volatile("andq $-16, %rsp");
	leave(main() & 127);
}
