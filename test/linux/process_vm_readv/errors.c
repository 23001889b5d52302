/* process_vm_readv(2), ERRORS, and partial transfers: an element is never cut, unless by a bad page in its middle. */
#include "../check.h"
#include <sys/uio.h>

int main(void) {
  char *base = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap(base + PAGE, PAGE));
  memset(base, 'x', PAGE);
  char here[2 * PAGE];
  struct iovec local = {here, sizeof here}, remote = {base, 10};
  pid_t self = getpid();
  SHOW(process_vm_readv(self, &local, 1, &remote, 1, 0));
  SHOW(process_vm_readv(self, &local, 1, &remote, 1, 1));
  SHOW(process_vm_readv(self, &local, 1, &remote, 0, 0));
  SHOW(process_vm_readv(self, &local, 0, &remote, 1, 0));
  SHOW(process_vm_readv(self, &local, -1, &remote, 1, 0));
  SHOW(process_vm_readv(self, &local, 1025, &remote, 1, 0));
  SHOW(process_vm_readv(self, (void *)1, 1, &remote, 1, 0));
  struct iovec two[2] = {{base, 10}, {base + PAGE, 10}};
  SHOW(process_vm_readv(self, &local, 1, two, 2, 0));
  SHOW(process_vm_readv(self, &local, 1, &two[1], 1, 0));
  struct iovec bad_here = {base + PAGE, 10};
  SHOW(process_vm_readv(self, &bad_here, 1, &remote, 1, 0));
  MUST(mprotect(base, PAGE, PROT_READ));
  SHOW(process_vm_writev(self, &local, 1, &remote, 1, 0));
  pid_t gone = MUST(fork());
  if (gone == 0) _exit(0);
  MUST(waitpid(gone, NULL, 0));
  SHOW(process_vm_readv(gone, &local, 1, &remote, 1, 0));
}
