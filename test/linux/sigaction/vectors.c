/* A handler that uses x87, MXCSR and vector registers leaves them as they were for the interrupted code. */
#include "../check.h"

static volatile double sink;

static void handler(int number) {
  (void)number;
  unsigned mxcsr = 0x7f80;
  unsigned short control = 0x0c7f;
  __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(control));
  double x = 1;
  for (int i = 0; i < 20; i++) x = x * 1.5 + i;
  sink = x;
  __asm__ volatile("pxor %%xmm0, %%xmm0\n\tpxor %%xmm7, %%xmm7\n\tpcmpeqd %%xmm15, %%xmm15\n\tfldpi\n\tfldpi" : : : "xmm0", "xmm7", "xmm15");
}

int main(void) {
  signal(SIGUSR1, handler);
  unsigned long xmm0 = 0x1111222233334444, xmm15 = 0x5555666677778888, out0, out15;
  unsigned mxcsr = 0;
  unsigned short control = 0;
  double top = 0;
  long pid = getpid();
  __asm__ volatile(
      "fld1\n\t"
      "movq %5, %%xmm0\n\t"
      "movq %6, %%xmm15\n\t"
      "mov $62, %%eax\n\t" /* kill */
      "mov %7, %%rdi\n\t"
      "mov $10, %%esi\n\t"
      "syscall\n\t"
      "movq %%xmm0, %0\n\t"
      "movq %%xmm15, %1\n\t"
      "stmxcsr %2\n\t"
      "fnstcw %3\n\t"
      "fstpl %4"
      : "=&r"(out0), "=&r"(out15), "=m"(mxcsr), "=m"(control), "=m"(top)
      : "r"(xmm0), "r"(xmm15), "r"(pid)
      : "rax", "rdi", "rsi", "rcx", "r11", "xmm0", "xmm15", "memory");
  say("%lx %lx %x %x %d\n", out0, out15, mxcsr & 0xffc0, control, (int)top);
  SHOW((long)sink);
}
