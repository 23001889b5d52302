/* si_code and si_addr of faults: SEGV_MAPERR, SEGV_ACCERR, a non-canonical address, FPE_INTDIV, ILL_ILLOPN, TRAP_BRKPT. */
#include "../check.h"

static sigjmp_buf back;

static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s code %d\n", signal_name(number), info->si_code);
  if (number == SIGSEGV || number == SIGBUS) say("at %#lx\n", (unsigned long)info->si_addr);
  if (number != SIGTRAP) siglongjmp(back, 1);
}

#define TRY(statement)                     \
  do {                                     \
    say("%s\n", #statement);               \
    if (sigsetjmp(back, 1) == 0) statement; \
  } while (0)

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (unsigned i = 0; i < COUNT(signals); i++) MUST(sigaction(signals[i], &action, NULL));
  volatile int zero = 0;
  volatile long most = LONG_MIN, minus = -1;
  TRY(*(volatile char *)0x10 = 1);
  TRY((void)*(volatile char *)0xfff);
  TRY(*(volatile char *)0xdead000000000000 = 1);
  TRY((void)*(volatile char *)0xffffffff80000000);
  TRY(((void (*)(void))0x30)());
  TRY(most = most / zero);
  TRY(most = most / minus);
  TRY(__asm__ volatile("ud2"));
  TRY(__asm__ volatile("int3"));
  TRY(__asm__ volatile("hlt"));
  TRY(__asm__ volatile("int $0x21"));
  TRY(__asm__ volatile("mov %cr0, %rax"));
}
