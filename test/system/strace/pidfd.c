/* Processes as files. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
#include <signal.h>
#include <sys/wait.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sched.h>
#include <linux/sched.h>
static int tid; static void*f(void*p){tid=gettid();usleep(200000);return 0;}

int main(void) {
  int p=fork();
  if(!p){
    pause();
    _exit(0);
  }
  siginfo_t si={0};
  usleep(20000);
  int fd=syscall(SYS_pidfd_open,p,0);
  struct pollfd q={fd,POLLIN};
  poll(&q,1,0);
  fcntl(fd,F_GETFD);
  fcntl(fd,F_GETFL);
  struct stat st;
  char b[4];
  read(fd,b,4);
  write(fd,b,4);
  waitid(P_PIDFD,fd,&si,WEXITED|WNOHANG);
  int fn=syscall(SYS_pidfd_open,p,O_NONBLOCK);
  waitid(P_PIDFD,fn,&si,WEXITED);
  waitid(P_PIDFD,1,&si,WEXITED);
  waitid(P_PIDFD,99,&si,WEXITED);
  waitid(P_PIDFD,-1,&si,WEXITED);
  syscall(SYS_pidfd_send_signal,fd,0,0,0);
  syscall(SYS_pidfd_send_signal,fd,0,0,77);
  syscall(SYS_pidfd_send_signal,1,0,0,0);
  syscall(SYS_pidfd_send_signal,99,0,0,0);
  syscall(SYS_pidfd_send_signal,fd,99,0,0);
  si.si_signo=5;
  syscall(SYS_pidfd_send_signal,fd,6,&si,0);
  syscall(SYS_pidfd_send_signal,fd,SIGTERM,0,0);
  poll(&q,1,1000);
  waitid(P_PIDFD,fd,&si,WEXITED);
  syscall(SYS_pidfd_send_signal,fd,0,0,0);
  poll(&q,1,0);
  waitid(P_PIDFD,fd,&si,WEXITED);
  syscall(SYS_pidfd_open,0,0);
  syscall(SYS_pidfd_open,-1,0);
  syscall(SYS_pidfd_open,999999,0);
  syscall(SYS_pidfd_open,getpid(),4);
  syscall(SYS_pidfd_open,p,0);
  pthread_t t;
  pthread_create(&t,0,f,0);
  usleep(1000);
  syscall(SYS_pidfd_open,tid,0);
  int pf=syscall(SYS_pidfd_open,getpid(),0);
  waitid(P_PIDFD,pf,&si,WEXITED);
  int x=-1;
  struct clone_args a={.flags=CLONE_PIDFD,.pidfd=(long)&x,.exit_signal=SIGCHLD};
  p=syscall(SYS_clone3,&a,sizeof a);
  if(!p)_exit(3);
  waitid(P_PIDFD,x,&si,WEXITED);
  p=syscall(SYS_clone,CLONE_PIDFD|SIGCHLD,0,&x,0,0);
  if(!p)_exit(4);
  waitid(P_PIDFD,x,&si,WEXITED);
}
