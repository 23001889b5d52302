; A child that has exited stays in the process table until its parent waits for it. The parent must know that the child
; is dead without waiting for it: a grandchild sees its own parent change, which happens in the very act of exiting.
; Lesson: kill(zombie, 0) succeeds, wait4 takes the exit status and the zombie away, then the pid is free (ESRCH).
%include "linux.inc"

GRANDCHILD_READY equ 0           ; offsets in the shared page
CHILD_IS_DEAD    equ 8

global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  sys SYS_fork
  test rax, rax
  js failed
  jz child
  mov rbx, rax

.until_dead:
  cmp qword [r12 + CHILD_IS_DEAD], 0
  jne .dead
  sys SYS_sched_yield
  jmp .until_dead
.dead:
  sys SYS_kill, rbx, 0
  mov r13, rax
  print "kill(zombie, 0) = "
  print_hex r13
  sub rsp, 16
  sys SYS_wait4, rbx, rsp, 0, 0
  mov r13d, [rsp]
  print "status          = "
  print_hex r13
  sys SYS_kill, rbx, 0
  mov r13, rax
  print "kill(gone, 0)   = "
  print_hex r13
  exit 0

child:
  sys SYS_fork
  test rax, rax
  js failed
  jz grandchild
.until_ready:
  cmp qword [r12 + GRANDCHILD_READY], 0
  jne .ready
  sys SYS_sched_yield
  jmp .until_ready
.ready:
  exit 7

grandchild:
  sys SYS_getppid
  mov r13, rax
  mov qword [r12 + GRANDCHILD_READY], 1
.until_orphan:
  sys SYS_sched_yield
  sys SYS_getppid
  cmp rax, r13
  je .until_orphan
  mov qword [r12 + CHILD_IS_DEAD], 1
  exit 0

failed:
  exit 1
