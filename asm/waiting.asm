; wait4 in all its ways: for any child, for one, for none of the kind, without waiting; statuses and their order.
; Lesson: what wait4 returns tells "none is left" (ECHILD) from "none has ended yet" (0, with WNOHANG).
%include "linux.inc"

WNOHANG  equ 1
READY    equ 0                  ; offsets in the shared page
RELEASED equ 8

; show "text", NUMBER, ARGUMENTS...: a call and its result
%macro show 2-8
  sys %{2:-1}
  mov r13, rax
  print %1
  print_hex r13
%endmacro

section .bss
status: resq 1

section .text
global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  show "no children, any:            ", SYS_wait4, -1, status, 0, 0
  show "no children, any, WNOHANG:   ", SYS_wait4, -1, status, WNOHANG, 0
  show "no children, a pid:          ", SYS_wait4, 999999, status, 0, 0
  show "unknown options:             ", SYS_wait4, -1, status, 0x10, 0
  show "WNOWAIT, waitid's alone:     ", SYS_wait4, -1, status, 0x1000000, 0
  show "the lowest pid there is:     ", SYS_wait4, 0x80000000, status, 0, 0

  sys SYS_fork
  test rax, rax
  jz child
  mov rbx, rax
.until_ready:
  sys SYS_sched_yield
  cmp qword [r12 + READY], 0
  je .until_ready
  show "one that runs, WNOHANG:      ", SYS_wait4, -1, status, WNOHANG, 0
  show "that pid, WNOHANG:           ", SYS_wait4, rbx, status, WNOHANG, 0
  show "not a child of ours:         ", SYS_wait4, 1, status, WNOHANG, 0
  show "no such process group:       ", SYS_wait4, -999999, status, WNOHANG, 0
  print "status before:               "
  print_hex [status]
  mov qword [r12 + RELEASED], 1
  sys SYS_wait4, 0, status, 0, 0
  sub rax, rbx
  mov r13, rax
  print "own group, pid - child:      "
  print_hex r13
  print "status after:                "
  print_hex [status]
  show "the same once more:          ", SYS_wait4, rbx, status, 0, 0

  sys SYS_fork
  test rax, rax
  jz killed
  mov rbx, rax
  show "kill with SIGTERM:           ", SYS_kill, rbx, 15
  sys SYS_wait4, rbx, status, 0, 0
  print "status:                      "
  print_hex [status]

  sys SYS_fork
  test rax, rax
  jz at_once
  mov rbx, rax
  show "status at a bad address:     ", SYS_wait4, rbx, 16, 0, 0
  show "and it is gone nonetheless:  ", SYS_wait4, rbx, 0, 0, 0
  sys SYS_fork
  test rax, rax
  jz at_once
  mov rbx, rax
  sys SYS_wait4, rbx, 0, 0, 0
  sub rax, rbx
  mov r13, rax
  print "without a place for status:  "
  print_hex r13
  exit 0

child:
  mov qword [r12 + READY], 1
.until_released:
  sys SYS_sched_yield
  cmp qword [r12 + RELEASED], 0
  je .until_released
  exit 42

killed:
  jmp killed

at_once:
  exit 3
