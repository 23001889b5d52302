/* set_robust_list(2), get_robust_list(2): the words of a thread that dies get FUTEX_OWNER_DIED, and a waiter is woken. */
#include "../check.h"
#include "futex.h"

struct node {
  struct node *next;
  int word;
};
struct head {
  struct node *list;
  long offset;
  struct node *pending;
};

int main(void) {
  struct node *nodes = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  struct head head = {.offset = offsetof(struct node, word)}, *got;
  size_t length;
  SHOW(syscall(SYS_set_robust_list, &head, 12));
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    head.list = &nodes[0];
    nodes[0].next = &nodes[1];
    nodes[1].next = (struct node *)&head;
    nodes[0].word = getpid();
    nodes[1].word = getpid() | (int)FUTEX_WAITERS;
    nodes[2].word = getpid();
    nodes[3].word = 12345;
    head.pending = &nodes[2];
    SHOW(syscall(SYS_set_robust_list, &head, sizeof head));
    SHOW(syscall(SYS_get_robust_list, 0, &got, &length));
    IS(got == &head && length == sizeof head);
    gate_open(gate);
    let_it_sleep();
    _exit(0);
  }
  gate_pass(gate);
  int value = nodes[1].word;
  SHOW(futex(&nodes[1].word, FUTEX_WAIT, value, NULL, NULL, 0));
  MUST(waitpid(child, NULL, 0));
  IS(nodes[0].word == (int)FUTEX_OWNER_DIED);
  IS(nodes[1].word == (int)(FUTEX_OWNER_DIED | FUTEX_WAITERS));
  IS(nodes[2].word == (int)FUTEX_OWNER_DIED);
  SHOW(nodes[3].word);
  SHOW(syscall(SYS_get_robust_list, 0x3fffffff, &got, &length));
}
