/* A fault whose signal is blocked or ignored kills all the same; a handler that returns runs the instruction again. */
#include "../check.h"

static volatile char *page;
static volatile int times;

static void opens(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  times++;
  IS(info->si_addr == page + 5);
  if (times == 3) mprotect((char *)page, PAGE, RW);
}

int main(void) {
  page = MUST_MAP(mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  IN_CHILD("blocked") {
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    page[0] = 1;
  }
  IN_CHILD("ignored") {
    signal(SIGSEGV, SIG_IGN);
    page[0] = 1;
  }
  IN_CHILD("sent while ignored") {
    signal(SIGSEGV, SIG_IGN);
    raise(SIGSEGV);
  }
  struct sigaction action = {.sa_sigaction = opens, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  page[5] = 'x';
  SHOW(times);
  SHOW(page[5]);
}
