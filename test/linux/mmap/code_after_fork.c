/* mmap(2), fork(2): parent and child write different code at the same address of fresh private memory, and each runs its own. */
#include "../check.h"

static void write_code(unsigned char *page, int value) {
  unsigned char code[] = {0xb8, value, 0, 0, 0, 0xc3}; /* mov eax, value; ret */
  memcpy(page, code, sizeof code);
}

int main(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  unsigned char *page = MAPS(mmap(NULL, 2 * PAGE, RW | PROT_EXEC, flags, -1, 0));
  int (*first)(void) = (int (*)(void))page;
  int (*second)(void) = (int (*)(void))(page + PAGE);
  write_code(page, 1);
  SHOW(first());
  Gate gate = gate_new();
  if (fork() == 0) {
    write_code(page, 2);
    write_code(page + PAGE, 3);
    for (int i = 0; i < 300; i++) first(), second();
    SHOW(first());
    SHOW(second());
    gate_open(gate);
    _exit(0);
  }
  gate_pass(gate);
  SHOW(first());
  write_code(page + PAGE, 4);
  SHOW(second());
  write_code(page, 5);
  SHOW(first());
  for (int i = 0; i < 300; i++) first(), second();
  SHOW(first());
  SHOW(second());
  MUST(wait(NULL));
}
