/* Calls through a pointer: the C library's qsort and bsearch of 24-byte records with callbacks, by three keys. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

#define COUNT 220000
struct record {
  uint64_t id;
  uint32_t group;
  int32_t value;
  double weight;
};
static struct record records[COUNT];

static int by_id(const void *a, const void *b) {
  const struct record *x = a, *y = b;
  return (x->id > y->id) - (x->id < y->id);
}
static int by_group_and_value(const void *a, const void *b) {
  const struct record *x = a, *y = b;
  if (x->group != y->group) return x->group < y->group ? -1 : 1;
  if (x->value != y->value) return x->value < y->value ? -1 : 1;
  return by_id(a, b);
}
static int by_weight(const void *a, const void *b) {
  const struct record *x = a, *y = b;
  if (x->weight != y->weight) return x->weight < y->weight ? -1 : 1;
  return by_id(a, b);
}

int main(void) {
  static int (*const ORDERS[])(const void *, const void *) = {by_group_and_value, by_weight, by_id};
  for (int i = 0; i < COUNT; i++) {
    uint64_t random = next_random();
    records[i] = (struct record){random, random % 100, (int32_t)(random >> 20) % 1000, (double)(random >> 40) / 7};
  }
  uint64_t sum = 0;
  for (int order = 0; order < 3; order++) {
    qsort(records, COUNT, sizeof *records, ORDERS[order]);
    for (int i = 0; i < COUNT; i++) sum = sum * 31 + records[i].id;
  }
  for (int i = 0; i < COUNT; i++) {
    struct record wanted = {.id = records[(i * 7919u) % COUNT].id};
    sum += (struct record *)bsearch(&wanted, records, COUNT, sizeof *records, by_id) - records;
  }
  printf("%lx\n", sum);
  return 0;
}
