/* What a process says of itself: prctl, priorities, policies, users, capabilities, groups and sessions. */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#include <stdio.h>
#include <errno.h>
#include <grp.h>

int main(void) {
  long x;
  int i;
  char n[20];
  unsigned cpu,node;
  prctl(PR_SET_PDEATHSIG,9);
  prctl(PR_GET_PDEATHSIG,&i);
  prctl(PR_SET_PDEATHSIG,99);
  prctl(PR_GET_PDEATHSIG,8);
  prctl(PR_GET_DUMPABLE,0,0,0,0);
  prctl(PR_SET_DUMPABLE,0);
  prctl(PR_SET_DUMPABLE,2);
  prctl(PR_SET_DUMPABLE,1);
  prctl(PR_GET_KEEPCAPS,0,0,0,0);
  prctl(PR_SET_KEEPCAPS,1);
  prctl(PR_SET_KEEPCAPS,2);
  prctl(PR_GET_TIMING,0,0,0,0);
  prctl(PR_SET_TIMING,1);
  prctl(PR_SET_NAME,"abcdefghijklmnopqrst");
  prctl(PR_GET_NAME,n);
  prctl(PR_SET_NAME,8);
  prctl(PR_GET_SECCOMP,0,0,0,0);
  prctl(PR_CAPBSET_READ,5,0,0,0);
  prctl(PR_CAPBSET_READ,99,0,0,0);
  prctl(PR_CAPBSET_DROP,5,0,0,0);
  prctl(PR_GET_TSC,&i);
  prctl(PR_SET_TSC,1);
  prctl(PR_SET_TSC,7);
  prctl(PR_GET_SECUREBITS,0,0,0,0);
  prctl(PR_SET_SECUREBITS,1);
  prctl(PR_GET_TIMERSLACK,0,0,0,0);
  prctl(PR_SET_TIMERSLACK,1000);
  prctl(PR_GET_TIMERSLACK,0,0,0,0);
  prctl(PR_SET_TIMERSLACK,0);
  prctl(PR_GET_CHILD_SUBREAPER,&i);
  prctl(PR_SET_CHILD_SUBREAPER,1);
  prctl(PR_GET_CHILD_SUBREAPER,&i);
  prctl(PR_GET_NO_NEW_PRIVS,0,0,0,0);
  prctl(PR_SET_NO_NEW_PRIVS,1,0,0,0);
  prctl(PR_SET_NO_NEW_PRIVS,0,0,0,0);
  prctl(PR_GET_NO_NEW_PRIVS,0,0,0,0);
  prctl(PR_GET_NO_NEW_PRIVS,1,0,0,0);
  prctl(PR_GET_THP_DISABLE,0,0,0,0);
  prctl(PR_SET_THP_DISABLE,1,0,0,0);
  prctl(PR_SET_THP_DISABLE,0,0,0,0);
  prctl(PR_CAP_AMBIENT,PR_CAP_AMBIENT_IS_SET,5,0,0);
  prctl(PR_CAP_AMBIENT,PR_CAP_AMBIENT_RAISE,5,0,0);
  prctl(PR_CAP_AMBIENT,PR_CAP_AMBIENT_CLEAR_ALL,0,0,0);
  prctl(PR_CAP_AMBIENT,9,0,0,0);
  prctl(PR_SET_SECCOMP,9);
  prctl(PR_GET_UNALIGN,&i);
  prctl(9999,1,2,3,4);
  prctl(PR_MCE_KILL_GET,0,0,0,0);
  prctl(PR_GET_IO_FLUSHER,0,0,0,0);
  getpriority(PRIO_PROCESS,0);
  setpriority(PRIO_PROCESS,0,5);
  getpriority(PRIO_PROCESS,0);
  setpriority(PRIO_PROCESS,0,3);
  setpriority(PRIO_PROCESS,1,3);
  setpriority(PRIO_PROCESS,99999,3);
  setpriority(9,0,6);
  getpriority(PRIO_USER,4242);
  setpriority(PRIO_PROCESS,0,50);
  getpriority(PRIO_PROCESS,0);
  struct sched_param p={0};
  struct timespec ts;
  syscall(SYS_sched_getscheduler,0);
  syscall(SYS_sched_getscheduler,-1);
  syscall(SYS_sched_getscheduler,99999);
  syscall(SYS_sched_getparam,0,&p);
  syscall(SYS_sched_setparam,0,&p);
  syscall(SYS_sched_setscheduler,0,SCHED_BATCH,&p);
  syscall(SYS_sched_getscheduler,0);
  syscall(SYS_sched_setscheduler,0,SCHED_IDLE,&p);
  syscall(SYS_sched_setscheduler,0,SCHED_OTHER,&p);
  p.sched_priority=1;
  syscall(SYS_sched_setscheduler,0,SCHED_FIFO,&p);
  syscall(SYS_sched_setscheduler,0,SCHED_OTHER,&p);
  syscall(SYS_sched_setscheduler,0,77,&p);
  p.sched_priority=0;
  syscall(SYS_sched_setscheduler,0,SCHED_BATCH|SCHED_RESET_ON_FORK,&p);
  syscall(SYS_sched_getscheduler,0);
  syscall(SYS_sched_setscheduler,0,SCHED_OTHER,&p);
  for(i=0;i<8;i++){
    syscall(SYS_sched_get_priority_max,i);
    syscall(SYS_sched_get_priority_min,i);
  }
  syscall(SYS_sched_rr_get_interval,0,&ts);
  syscall(SYS_sched_rr_get_interval,-1,&ts);
  char at[64];
  syscall(SYS_sched_getattr,0,at,40,0);
  personality(0xffffffff);
  personality(ADDR_NO_RANDOMIZE);
  personality(0xffffffff);
  personality(0);
  syscall(SYS_getcpu,8,0,0);
  int r,e,s;
  getresuid(&r,&e,&s);
  getresgid(&r,&e,&s);
  setuid(1000);
  setuid(0);
  setgid(1000);
  setgid(5);
  setreuid(-1,1000);
  setreuid(0,-1);
  setregid(-1,-1);
  setresuid(1000,1000,1000);
  setresuid(0,-1,-1);
  setresgid(-1,-1,7);
  setfsuid(1000);
  setfsuid(-1);
  setfsuid(5);
  setfsgid(-1);
  gid_t g[10];
  getgroups(0,g);
  getgroups(10,g);
  getgroups(-1,g);
  g[0]=1000;
  setgroups(1,g);
  syscall(SYS_setuid,-1);
  struct {
    unsigned v;
    int pid;
  }
  h={0x20080522,0};
  unsigned d[6]={0};
  syscall(SYS_capget,&h,d);
  syscall(SYS_capset,&h,d);
  h.v=1;
  syscall(SYS_capget,&h,d);
  h.v=0x20080522;
  h.pid=99999;
  syscall(SYS_capget,&h,d);
  h.pid=0;
  d[0]=1;
  syscall(SYS_capset,&h,d);
  h.v=0x19980330;
  d[0]=0;
  syscall(SYS_capget,&h,d);
  if(!fork()){
    setpgid(0,0);
    getpgid(0);
    getsid(0);
    setsid();
    getsid(0);
    setpgid(0,0);
    setpgid(99999,0);
    setpgid(0,-1);
    setpgid(0,99999);
    getsid(99999);
    getsid(-1);
    if(!fork()){
      setsid();
      getsid(0);
      getpgrp();
      setsid();
      _exit(0);
    }
    wait(0);
    _exit(0);
  }
  wait(0);
  unshare(CLONE_FILES);
  unshare(CLONE_FS);
  unshare(CLONE_NEWNS);
  unshare(CLONE_THREAD);
  unshare(CLONE_VM);
  unshare(CLONE_SIGHAND);
  unshare(0x1);
  unshare(CLONE_SYSVSEM);
}
