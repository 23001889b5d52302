/* Operations of futex(2) without anybody who waits, and lists of robust locks. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <stdio.h>
#include <errno.h>
#include <time.h>
#include <sys/mman.h>
#define F(...) syscall(SYS_futex,__VA_ARGS__)

int main(void) {
  static unsigned w=5,w2=3;
  struct timespec t={0,1000000},z={0,0},bad={0,2000000000};
  F(&w,FUTEX_WAIT,4,0,0,0);
  F(&w,FUTEX_WAIT,5,&t,0,0);
  F(&w,FUTEX_WAIT_PRIVATE,5,&t,0,0);
  F(&w,FUTEX_WAKE,1,0,0,0);
  F((char*)&w+1,FUTEX_WAKE,1,0,0,0);
  F(8,FUTEX_WAKE,1,0,0,0);
  F(8,FUTEX_WAKE_PRIVATE,1,0,0,0);
  F(8,FUTEX_WAIT_PRIVATE,1,0,0,0);
  F(&w,FUTEX_WAIT,5,&bad,0,0);
  F(&w,FUTEX_WAIT_BITSET,5,&z,0,0);
  F(&w,FUTEX_WAIT_BITSET,5,&z,0,~0u);
  F(&w,FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME|FUTEX_PRIVATE_FLAG,5,&z,0,~0u);
  F(&w,FUTEX_WAKE_BITSET,1,0,0,0);
  F(&w,FUTEX_WAKE_BITSET_PRIVATE,1,0,0,1);
  F(&w,FUTEX_REQUEUE,1,1,&w2,0);
  F(&w,FUTEX_CMP_REQUEUE,1,1,&w2,4);
  F(&w,FUTEX_CMP_REQUEUE_PRIVATE,1,1,&w2,5);
  F(&w,FUTEX_CMP_REQUEUE,-1,1,&w2,5);
  F(&w,FUTEX_REQUEUE,1,-1,&w2,0);
  F(&w,FUTEX_WAKE_OP,1,1,&w2,FUTEX_OP(FUTEX_OP_ADD,7,FUTEX_OP_CMP_GT,2));
  F(&w,FUTEX_WAKE_OP_PRIVATE,1,1,&w2,FUTEX_OP(FUTEX_OP_OR|8,3,FUTEX_OP_CMP_EQ,2));
  F(&w,FUTEX_WAKE_OP_PRIVATE,1,1,&w2,FUTEX_OP(9,3,FUTEX_OP_CMP_EQ,2));
  w=0;
  F(&w,FUTEX_LOCK_PI,0,0,0,0);
  F(&w,FUTEX_LOCK_PI,0,0,0,0);
  F(&w,FUTEX_TRYLOCK_PI,0,0,0,0);
  F(&w,FUTEX_UNLOCK_PI,0,0,0,0);
  F(&w,FUTEX_UNLOCK_PI,0,0,0,0);
  w=999999;
  F(&w,FUTEX_LOCK_PI_PRIVATE,0,0,0,0);
  F(&w,99,0,0,0,0);
  F(&w,FUTEX_WAKE|FUTEX_CLOCK_REALTIME,0,0,0,0);
  F(&w,FUTEX_WAIT|FUTEX_CLOCK_REALTIME,0,&z,0,0);
  F(&w,FUTEX_WAKE,-1,0,0,0);
  F(&w,FUTEX_FD,0,0,0,0);
  F(&w,FUTEX_LOCK_PI2,0,0,0,0);
  F(&w,FUTEX_WAIT,5,8,0,0);
  F(0x800000000000,FUTEX_WAKE,1,0,0,0);
  void*h;
  size_t l;
  printf("%ld\n",syscall(SYS_get_robust_list,0,&h,&l));
  printf("%ld\n",syscall(SYS_get_robust_list,999999,&h,&l));
  printf("%ld\n",syscall(SYS_get_robust_list,1,&h,&l));
  printf("%ld\n",syscall(SYS_set_robust_list,0,23));
}
