/* Clocks: their steps, what sets them, what waits by them. */
#include <time.h>
#include <stdio.h>
#include <sys/times.h>
#include <errno.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <signal.h>

int main(void) {
  struct timespec t;
  for(int i=-3;i<14;i++){
    int r=syscall(SYS_clock_getres, i,&t);
    printf("%d: %d %d %ld.%09ld | ",i,r,r?errno:0,t.tv_sec,t.tv_nsec);
    r=syscall(SYS_clock_gettime, i,&t);
    printf("%d %d | ",r,r?errno:0);
    r=clock_settime(i,&t);
    printf("%d %d |",r,r?errno:0);
    long id;
    struct sigevent e={.sigev_notify=SIGEV_NONE};
    r=syscall(SYS_timer_create,i,&e,&id);
    printf("%d %d |",r,r?errno:0);
    t.tv_sec=0;
    t.tv_nsec=1;
    printf("%d\n",i==2?0:clock_nanosleep(i,0,&t,0));
  }
  clockid_t c;
  clock_getcpuclockid(0,&c);
  printf("%x\n",c);
  printf("%ld\n",sysconf(_SC_CLK_TCK));
  struct tms tm;
  printf("%ld\n",times(&tm));
}
