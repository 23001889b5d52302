/* process_vm_readv(2), process_vm_writev(2): a parent reads and writes its child's memory, also where it has none itself. */
#include "../check.h"
#include <sys/uio.h>

static char text[32] = "common";

int main(void) {
  Gate ready = gate_new(), done = gate_new();
  char *fresh = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    strcpy(text, "of the child");
    strcpy(fresh + PAGE - 4, "across pages");
    gate_open(ready);
    gate_pass(done);
    say("child: %s\n", text);
    say("child: %s\n", fresh);
    _exit(0);
  }
  gate_pass(ready);
  char here[32] = "", more[32] = "";
  struct iovec local[2] = {{here, 6}, {more, 26}};
  struct iovec remote[2] = {{text, 13}, {fresh + PAGE - 4, 13}};
  SHOW(process_vm_readv(child, local, 2, remote, 2, 0));
  say("%s|%s|%s\n", here, more, text);
  struct iovec from = {"by the parent", 14}, to[2] = {{text, 14}, {fresh, 14}};
  SHOW(process_vm_writev(child, &from, 1, &to[0], 1, 0));
  SHOW(process_vm_writev(child, &from, 1, &to[1], 1, 0));
  say("%s|%s\n", text, fresh);
  gate_open(done);
  MUST(wait(NULL));
}
