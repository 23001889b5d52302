/* mmap(2): each combination of PROT_ flags, and what a read, a write and a jump to such a page do. */
#include "../check.h"

static void try(int prot, const char *name) {
  unsigned char *page = MUST_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  page[0] = 0xc3;
  MUST(mprotect(page, PAGE, prot));
  say("%s\n", name);
  FAULT(page, (void)*(volatile unsigned char *)page);
  FAULT(page, *(volatile unsigned char *)(page + 8) = 1);
  FAULT(page, ((void (*)(void))page)());
}

int main(void) {
  try(PROT_NONE, "PROT_NONE");
  try(PROT_READ, "PROT_READ");
  try(PROT_READ | PROT_WRITE, "PROT_READ | PROT_WRITE");
  try(PROT_READ | PROT_EXEC, "PROT_READ | PROT_EXEC");
  try(PROT_READ | PROT_WRITE | PROT_EXEC, "PROT_READ | PROT_WRITE | PROT_EXEC");
  try(PROT_WRITE, "PROT_WRITE");
}
