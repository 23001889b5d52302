/* fork(2): every kind of memory in the child: data, bss, heap, stack and mappings are copies, and both sides may write. */
#include "../check.h"

static char data[] = "data";
static char bss[8];

int main(void) {
  char stack[8] = "stack";
  char *heap = strdup("heap");
  char *map = MUST_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  strcpy(bss, "bss"), strcpy(map, "map");
  Gate gate = gate_new(), back = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    gate_pass(gate);
    say("child: %s %s %s %s %s\n", data, bss, stack, heap, map);
    data[0] = bss[0] = stack[0] = heap[0] = map[0] = 'C';
    say("child: %s %s %s %s %s\n", data, bss, stack, heap, map);
    gate_open(back);
    _exit(5);
  }
  data[0] = bss[0] = stack[0] = heap[0] = map[0] = 'P';
  gate_open(gate);
  gate_pass(back);
  say("parent: %s %s %s %s %s\n", data, bss, stack, heap, map);
  int status;
  IS(wait(&status) == child);
  say_status("child", status);
  free(heap);
}
