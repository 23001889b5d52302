/* The third argument of a handler: registers as they were, and what the handler writes there is what execution goes on with. */
#include "../check.h"
#include <ucontext.h>

static void skip(int number, siginfo_t *info, void *argument) {
  ucontext_t *context = argument;
  greg_t *registers = context->uc_mcontext.gregs;
  const unsigned char *code = (const unsigned char *)registers[REG_RIP];
  say("%s at ud2: %s, rax %#llx\n", signal_name(number), code[0] == 0x0f && code[1] == 0x0b ? "yes" : "no",
      (unsigned long long)registers[REG_RAX]);
  IS((char *)info->si_addr == (char *)registers[REG_RIP]);
  SHOW(sigismember(&context->uc_sigmask, SIGUSR2));
  registers[REG_RIP] += 2;
  registers[REG_RAX] = 0x1234;
  registers[REG_RBX] += 1;
  registers[REG_EFL] |= 0x40;
  sigaddset(&context->uc_sigmask, SIGUSR1);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  MUST(sigaction(SIGILL, &action, NULL));
  unsigned long rax = 0xabcdef, rbx = 7;
  unsigned char zero;
  __asm__ volatile("test %%rsp, %%rsp\n\tud2\n\tsetz %2" : "+a"(rax), "+b"(rbx), "=q"(zero) : : "memory", "cc");
  SHOW(rax);
  SHOW(rbx);
  SHOW(zero);
  MUST(sigprocmask(SIG_BLOCK, NULL, &set));
  SHOW(sigismember(&set, SIGUSR1));
}
