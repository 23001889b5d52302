/* fork(2): a hundred children alive at once, a chain of twenty generations, and each reaped by the right parent. */
#include "../check.h"

static int generation(int depth) {
  int status;
  if (depth == 20) return 20;
  pid_t child = MUST(fork());
  if (child == 0) _exit(generation(depth + 1));
  MUST(waitpid(child, &status, 0));
  return WEXITSTATUS(status) - (depth % 2);
}

int main(void) {
  enum { CHILDREN = 100 };
  pid_t children[CHILDREN];
  Gate gate = gate_new();
  for (int i = 0; i < CHILDREN; i++) {
    children[i] = MUST(fork());
    if (children[i] == 0) {
      gate_pass(gate);
      _exit(i);
    }
  }
  for (int i = 0; i < CHILDREN; i++) gate_open(gate);
  int right = 0;
  for (int i = CHILDREN - 1; i >= 0; i--) {
    int status;
    if (waitpid(children[i], &status, 0) == children[i] && WIFEXITED(status) && WEXITSTATUS(status) == i) right++;
  }
  SHOW(right);
  SHOW(waitpid(-1, NULL, 0));
  SHOW(generation(0));
}
