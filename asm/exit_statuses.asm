; Children that end in different ways, and what wait4 tells the parent: exit codes are 8 bits, a signal is in the low 7.
; Lesson: the encoding of a wait status; wait4 without a child left is ECHILD.
%include "linux.inc"

; spawn LABEL: the child goes on at LABEL, the parent waits for it and prints its status
%macro spawn 1
  sys SYS_fork
  test rax, rax
  jz %1
  call reap
%endmacro

global _start
_start:
  spawn .exit_0
  spawn .exit_300
  spawn .exit_group_minus_1
  spawn .killed_by_itself
  sys SYS_fork
  test rax, rax
  jz .spins
  mov rbx, rax
  sys SYS_kill, rbx, 9
  mov rax, rbx
  call reap
  spawn .undefined
  spawn .divides
  spawn .breakpoint
  spawn .halts
  sys SYS_wait4, -1, 0, 0, 0
  mov rbx, rax
  print "none left: "
  print_hex rbx
  exit 0

.exit_0:
  sys SYS_exit, 0
.exit_300:
  sys SYS_exit, 300
.exit_group_minus_1:
  sys SYS_exit_group, -1
.killed_by_itself:
  sys SYS_getpid
  sys SYS_kill, rax, 15
  sys SYS_exit, 0
.spins:
  jmp .spins
.undefined:
  ud2
.divides:
  xor ecx, ecx
  div ecx
.breakpoint:
  int3
  exit 0
.halts:
  hlt

reap:                           ; wait for the child in rax, print its status
  sub rsp, 8
  mov dword [rsp], 0
  sys SYS_wait4, rax, rsp, 0, 0
  mov ebx, [rsp]
  add rsp, 8
  print "status: "
  print_hex rbx
  ret
