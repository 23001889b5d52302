/* pthread_rwlock_rdlock(3): several readers at once, one writer alone, and what a try gives. */
#include "../check.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int readers, most, writers, wrong;
static long value, copy;

static void *reader(void *gate) {
  pthread_rwlock_rdlock(&lock);
  int now = __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
  if (now > most) most = now;
  gate_open(((Gate *)gate)[0]);
  gate_pass(((Gate *)gate)[1]);
  __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
  pthread_rwlock_unlock(&lock);
  return NULL;
}

static void *mixed(void *unused) {
  for (int i = 0; i < 2000; i++) {
    if (i % 4 == 0) {
      pthread_rwlock_wrlock(&lock);
      writers++, value++, copy++;
    } else {
      pthread_rwlock_rdlock(&lock);
      if (value != copy) wrong++;
    }
    pthread_rwlock_unlock(&lock);
  }
  return unused;
}

int main(void) {
  pthread_t threads[3];
  Gate gates[2] = {gate_new(), gate_new()};
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, reader, gates);
  for (int i = 0; i < 3; i++) gate_pass(gates[0]);
  SHOW(most);
  SHOW_ERROR(pthread_rwlock_trywrlock(&lock));
  SHOW_ERROR(pthread_rwlock_tryrdlock(&lock));
  SHOW_ERROR(pthread_rwlock_unlock(&lock));
  for (int i = 0; i < 3; i++) gate_open(gates[1]);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  SHOW_ERROR(pthread_rwlock_trywrlock(&lock));
  SHOW_ERROR(pthread_rwlock_tryrdlock(&lock));
  SHOW_ERROR(pthread_rwlock_unlock(&lock));
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, mixed, NULL);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  SHOW(writers);
  SHOW(wrong);
}
