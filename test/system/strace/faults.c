/* Faults, reasons of signals, stacks for handlers. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>
#include <sys/syscall.h>
#include <stdio.h>
#include <errno.h>

int main(void) {
  if(!fork()){
    asm("int3");
  }
  wait(0);
  if(!fork()){
    asm("ud2");
  }
  wait(0);
  union sigval v={0};
  signal(SIGUSR1,SIG_IGN);
  sigqueue(getpid(),SIGUSR1,v);
  siginfo_t si = {0};
  si.si_pid=7;
  if(!fork()){
    _exit(0);
  }
    waitid(P_ALL,0,&si,WEXITED);
  waitid(P_ALL,0,(void*)8,WEXITED|WNOHANG);
  waitid(P_ALL,0,(void*)0,0);
  waitid(9,0,(void*)0,WEXITED);
  syscall(SYS_rt_sigaction,SIGUSR1,8,0,8);
  syscall(SYS_rt_sigaction,SIGUSR1,0,8,8);
  syscall(SYS_rt_sigaction,99,0,8,8);
  stack_t s={0};
  s.ss_flags=SS_DISABLE;
  sigaltstack(&s,0);
  s.ss_flags=7;
  sigaltstack(&s,0);
  s.ss_flags=1u<<31;
  s.ss_size=5000;
  sigaltstack(&s,0);
  sigaltstack(0,&s);
  sigaltstack((void*)8,&s);
  siginfo_t q={0};
  q.si_code=-60;
  q.si_signo=3;
  syscall(SYS_rt_sigqueueinfo,getpid(),0,&q);
  q.si_code=SI_USER;
  syscall(SYS_rt_sigqueueinfo,getpid(),SIGUSR1,&q);
  q.si_code=SI_KERNEL;
  syscall(SYS_rt_sigqueueinfo,getpid(),SIGUSR1,&q);
  syscall(SYS_rt_sigqueueinfo,getpid(),SIGUSR1,8);
}
