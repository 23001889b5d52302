/* pthread_create(3): many threads, results, detached ones, own stacks; pthread_join(3)'s errors. */
#include "../check.h"

static volatile int ran;

static void *square(void *argument) {
  long number = (long)argument;
  return (void *)(number * number);
}
static void *detached(void *unused) {
  __atomic_add_fetch(&ran, 1, __ATOMIC_SEQ_CST);
  return unused;
}
static void *on_stack(void *bounds) {
  char here;
  char **range = bounds;
  return (void *)(long)(&here >= range[0] && &here < range[1]);
}

int main(void) {
  pthread_t threads[50], one;
  long sum = 0;
  void *result;
  for (long i = 0; i < 50; i++) pthread_create(&threads[i], NULL, square, (void *)i);
  for (int i = 0; i < 50; i++) pthread_join(threads[i], &result), sum += (long)result;
  SHOW(sum);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 10; i++) pthread_create(&one, &attributes, detached, NULL);
  while (ran < 10) sched_yield();
  SHOW(ran);
  char *stack = MUST_MAP(mmap(NULL, 64 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char *range[2] = {stack, stack + 64 * PAGE};
  pthread_attr_init(&attributes);
  SHOW_ERROR(pthread_attr_setstack(&attributes, stack, 64 * PAGE));
  SHOW_ERROR(pthread_create(&one, &attributes, on_stack, range));
  SHOW_ERROR(pthread_join(one, &result));
  SHOW((long)result);
  SHOW_ERROR(pthread_attr_setstacksize(&attributes, 100));
}
