/* Signals from every source, with handlers, masks, queues and timers, and children that stop and go on. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <time.h>
#include <errno.h>
static volatile int n;
static void h(int s, siginfo_t*i, void*u){ ucontext_t*c=u; n++;
 char b[200]; int l=snprintf(b,200,"sig %d code %d flags %lx ssflags %d eflags %llx trap %lld err %lld int %d\n",s,i->si_code,c->uc_flags,c->uc_stack.ss_flags,(long long)c->uc_mcontext.gregs[REG_EFL]&~0x8d5,(long long)c->uc_mcontext.gregs[REG_TRAPNO],(long long)c->uc_mcontext.gregs[REG_ERR],s>=34?i->si_value.sival_int:0); write(1,b,l);
 if(s==SIGSEGV) c->uc_mcontext.gregs[REG_RIP]+=2;
}

int main(void) {
  struct sigaction a={0},o;
  a.sa_sigaction=h;
  a.sa_flags=SA_SIGINFO;
  sigaction(SIGUSR1,&a,&o);
  raise(SIGUSR1);
  a.sa_flags=SA_NOCLDSTOP|SA_NOCLDWAIT|SA_SIGINFO|SA_ONSTACK|SA_RESTART|SA_NODEFER|SA_RESETHAND|0x800|0x20000000|0x100;
  sigaction(SIGUSR2,&a,0);
  sigaction(SIGUSR2,0,&o);
  a.sa_flags=SA_SIGINFO;
  sigaction(SIGSEGV,&a,0);
  sigaction(SIGALRM,&a,0);
  sigaction(34,&a,0);
  sigaction(35,&a,0);
  signal(SIGHUP,SIG_IGN);
  signal(SIGHUP,SIG_DFL);
  asm volatile("movl (%%rax),%%eax"::"a"(8));
  stack_t st={.ss_sp=malloc(8192),.ss_size=8192},os;
  sigaltstack(&st,&os);
  sigaltstack(0,&os);
  sigset_t m;
  sigemptyset(&m);
  sigaddset(&m,35);
  sigaddset(&m,34);
  sigprocmask(SIG_BLOCK,&m,0);
  union sigval v={.sival_int=5};
  sigqueue(getpid(),35,v);
  v.sival_int=6;
  sigqueue(getpid(),34,v);
  v.sival_int=7;
  sigqueue(getpid(),35,v);
  sigpending(&m);
  sigprocmask(SIG_UNBLOCK,&m,0);
  struct itimerval it={{0,0},{0,10000}};
  setitimer(ITIMER_REAL,&it,0);
  struct timespec ts={1,0},r;
  nanosleep(&ts,&r);
  getitimer(ITIMER_REAL,&it);
  it.it_value.tv_usec=10000;
  setitimer(ITIMER_REAL,&it,0);
  pause();
  alarm(1);
  sigemptyset(&m);
  sigsuspend(&m);
  timer_t t;
  struct sigevent ev={.sigev_notify=SIGEV_SIGNAL,.sigev_signo=34};
  ev.sigev_value.sival_int=9;
  timer_create(CLOCK_MONOTONIC,&ev,&t);
  struct itimerspec is={{0,0},{0,10000000}},ois;
  timer_settime(t,0,&is,&ois);
  timer_gettime(t,&ois);
  pause();
  timer_getoverrun(t);
  timer_delete(t);
  timer_create(CLOCK_REALTIME,NULL,&t);
  timer_settime(t,0,&is,0);
  pause();
  sigemptyset(&m);
  sigaddset(&m,SIGCHLD);
  sigprocmask(SIG_BLOCK,&m,0);
  int p=fork();
  if(!p) _exit(3);
  siginfo_t si = {0};
  ts.tv_sec=5;
  sigtimedwait(&m,&si,&ts);
  ts.tv_sec=0;
  ts.tv_nsec=1000000;
  sigtimedwait(&m,&si,&ts);
  waitid(P_ALL,0,&si,WEXITED|WNOWAIT);
  waitid(P_PID,p,&si,WEXITED);
  waitid(P_ALL,0,0,WEXITED|WNOHANG);
  p=fork();
  if(!p){
    for(;;)pause();
  }
  usleep(10000);
  kill(p,SIGSTOP);
  int s;
  waitpid(p,&s,WUNTRACED);
  kill(p,SIGCONT);
  waitpid(p,&s,WCONTINUED);
  usleep(20000);
  kill(p,SIGKILL);
  waitid(P_PID,p,&si,WEXITED);
  p=fork();
  if(!p){
    usleep(100000);
    _exit(0);
  }
  usleep(10000);
  kill(p,SIGSTOP);
  waitpid(p,&s,WUNTRACED);
  kill(p,SIGCONT);
  waitpid(p,&s,0);
}
