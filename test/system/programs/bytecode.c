/* A bytecode interpreter with computed gotos, one with function pointers, and one with a switch, on the same programs. */
#include <stdint.h>
#include <stdio.h>

enum { PUSH, ADD, SUB, MUL, DIV, MOD, DUP, SWAP, BUMP, DROP, LESS, JUMP, JUMP_ZERO, CALL, RETURN, PRINT, HALT, OPERATIONS };

struct machine {
  long stack[256], *top;
  const int *program, *at, *calls[256], **last_call;
  long steps;
};

#define STEPS(X) \
  X(PUSH, *m->top++ = *m->at++) X(ADD, m->top--; m->top[-1] += *m->top) X(SUB, m->top--; m->top[-1] -= *m->top) \
  X(MUL, m->top--; m->top[-1] *= *m->top) X(DIV, m->top--; m->top[-1] /= *m->top) X(MOD, m->top--; m->top[-1] %= *m->top) X(DUP, *m->top = m->top[-1]; m->top++) \
  X(SWAP, long x = m->top[-1]; m->top[-1] = m->top[-2]; m->top[-2] = x) X(BUMP, m->top[-*m->at++]++) \
  X(DROP, m->top--) X(LESS, m->top--; m->top[-1] = m->top[-1] < *m->top) X(JUMP, m->at = m->program + *m->at) \
  X(JUMP_ZERO, int to = *m->at++; if (*--m->top == 0) m->at = m->program + to) \
  X(CALL, *m->last_call++ = m->at + 1; m->at = m->program + *m->at) X(RETURN, m->at = *--m->last_call) \
  X(PRINT, printf("%ld ", *--m->top))

static void by_switch(struct machine *m) {
  for (;; m->steps++) switch (*m->at++) {
#define X(NAME, CODE) case NAME: { CODE; break; }
      STEPS(X)
#undef X
      default: return;
    }
}

static void by_goto(struct machine *m) {
#define X(NAME, CODE) [NAME] = &&do_##NAME,
  static const void *const LABELS[] = {STEPS(X)[HALT] = &&do_HALT};
#undef X
  goto *LABELS[*m->at++];
#define X(NAME, CODE) do_##NAME: { CODE; } m->steps++; goto *LABELS[*m->at++];
  STEPS(X)
#undef X
do_HALT:
  return;
}

#define X(NAME, CODE) static void step_##NAME(struct machine *m) { CODE; }
STEPS(X)
#undef X
static void by_pointer(struct machine *m) {
#define X(NAME, CODE) [NAME] = step_##NAME,
  static void (*const FUNCTIONS[OPERATIONS])(struct machine *) = {STEPS(X)};
#undef X
  for (int operation; (operation = *m->at++) != HALT; m->steps++) FUNCTIONS[operation](m);
}

/* fibonacci(20) by recursion; then how long the Collatz sequences of 1 to 299 are, together. */
static const int PROGRAM[] = {
  PUSH, 20, CALL, 53, PRINT,
  /* 5: total, n = 1 */ PUSH, 0, PUSH, 1,
  /* 9: total, n, x = n */ DUP,
  /* 10: until x == 1 */ DUP, PUSH, 1, SUB, JUMP_ZERO, 37, BUMP, 3,
  /* 18: */ DUP, PUSH, 2, MOD, JUMP_ZERO, 32,
  /* 24: x = 3 * x + 1 */ PUSH, 3, MUL, PUSH, 1, ADD, JUMP, 10,
  /* 32: x = x / 2 */ PUSH, 2, DIV, JUMP, 10,
  /* 37: next n */ DROP, PUSH, 1, ADD, DUP, PUSH, 300, LESS, JUMP_ZERO, 50, JUMP, 9, HALT,
  /* 50: */ DROP, PRINT, HALT,
  /* 53: fibonacci */ DUP, PUSH, 2, LESS, JUMP_ZERO, 60, RETURN,
  /* 60: */ DUP, PUSH, 1, SUB, CALL, 53, SWAP, PUSH, 2, SUB, CALL, 53, ADD, RETURN,
};

int main(void) {
  static void (*const WAYS[])(struct machine *) = {by_switch, by_goto, by_pointer};
  for (int way = 0; way < 3; way++) {
    static struct machine m;
    m.top = m.stack + 8;
    m.program = m.at = PROGRAM;
    m.last_call = m.calls;
    m.steps = 0;
    WAYS[way](&m);
    printf("in %ld steps, %ld left\n", m.steps, (long)(m.top - m.stack - 8));
  }
  return 0;
}
