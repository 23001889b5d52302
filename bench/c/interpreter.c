/* Indirect jumps: a stack machine whose loop is one switch, running a program of two nested loops. */
#include <stdint.h>
#include <stdio.h>

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, SHIFT_RIGHT, LESS, JUMP_IF, JUMP, DUPLICATE, DROP, HALT };

/* for (i = 0; i < 11000; i++) for (j = 0; j < 1000; j++) sum = (sum ^ (i * j)) + (sum >> 7); */
static const int32_t PROGRAM[] = {
  PUSH, 0, STORE, 0,
  /* 4: */ PUSH, 0, STORE, 1,
  /* 8: */ LOAD, 2, DUPLICATE, LOAD, 0, LOAD, 1, MUL, XOR, STORE, 3,
  /* 19: */ PUSH, 7, SHIFT_RIGHT, LOAD, 3, ADD, STORE, 2,
  /* 27: */ LOAD, 1, PUSH, 1, ADD, DUPLICATE, STORE, 1,
  /* 35: */ PUSH, 1000, LESS, JUMP_IF, 8,
  /* 40: */ LOAD, 0, PUSH, 1, ADD, DUPLICATE, STORE, 0,
  /* 48: */ PUSH, 11000, LESS, JUMP_IF, 4,
  /* 53: */ HALT,
};

static uint64_t interpret(const int32_t *program) {
  uint64_t stack[16], variables[4] = {0}, *top = stack;
  uint64_t count = 0;
  for (const int32_t *at = program;;) {
    count++;
    switch (*at++) {
      case PUSH: *top++ = *at++; break;
      case LOAD: *top++ = variables[*at++]; break;
      case STORE: variables[*at++] = *--top; break;
      case ADD: top--; top[-1] += top[0]; break;
      case SUB: top--; top[-1] -= top[0]; break;
      case MUL: top--; top[-1] *= top[0]; break;
      case XOR: top--; top[-1] ^= top[0]; break;
      case SHIFT_RIGHT: top--; top[-1] >>= top[0]; break;
      case LESS: top--; top[-1] = top[-1] < top[0]; break;
      case JUMP_IF: at = *--top ? program + *at : at + 1; break;
      case JUMP: at = program + *at; break;
      case DUPLICATE: top[0] = top[-1]; top++; break;
      case DROP: top--; break;
      case HALT: return variables[2] + count;
    }
  }
}

int main(void) {
  printf("%lx\n", interpret(PROGRAM));
  return 0;
}
