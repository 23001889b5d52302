/* sigaltstack(2): a stack overflow is handled on the other stack; SA_ONSTACK, SS_ONSTACK, and the errors. */
#include "../check.h"
#include <sys/resource.h>

static char space[65536];
static sigjmp_buf back;

static void handler(int number, siginfo_t *info, void *context) {
  (void)info, (void)context;
  char here;
  stack_t stack;
  say("%s\n", signal_name(number));
  IS(&here >= space && &here < space + sizeof space);
  MUST(sigaltstack(NULL, &stack));
  SHOW(stack.ss_flags == SS_ONSTACK);
  SHOW(syscall(SYS_sigaltstack, &stack, NULL));
  siglongjmp(back, 1);
}

static __attribute__((noinline)) int endless(volatile int *depth) {
  volatile char frame[1000];
  frame[0] = 1;
  if ((*depth)++ < 0) return 0;
  return endless(depth) + frame[0];
}

int main(void) {
  struct rlimit limit = {1 << 20, RLIM_INFINITY};
  MUST(prlimit(0, RLIMIT_STACK, NULL, &limit));
  limit.rlim_cur = 1 << 20;
  MUST(setrlimit(RLIMIT_STACK, &limit));
  stack_t stack = {.ss_sp = space, .ss_size = sizeof space}, old;
  SHOW(sigaltstack(NULL, &old));
  SHOW(old.ss_flags == SS_DISABLE);
  SHOW(sigaltstack(&stack, &old));
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  MUST(sigaction(SIGSEGV, &action, NULL));
  volatile int depth = 0;
  if (sigsetjmp(back, 1) == 0) endless(&depth);
  IS(depth > 500 && depth < 1100);
  stack.ss_size = 100;
  SHOW(syscall(SYS_sigaltstack, &stack, NULL));
  stack.ss_flags = 0x55;
  SHOW(syscall(SYS_sigaltstack, &stack, NULL));
  SHOW(syscall(SYS_sigaltstack, 8, NULL));
  stack.ss_flags = SS_DISABLE;
  SHOW(syscall(SYS_sigaltstack, &stack, NULL));
  IN_CHILD("without") endless(&depth);
}
