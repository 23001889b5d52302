; Blocks signals, sends itself some, asks which wait, forks, and unblocks them.
; Lesson: a blocked signal waits, once, however often it was sent. fork gives the child the mask, but not what waits. Of
; several signals the one with the lowest number comes first.
%include "linux.inc"

SYS_rt_sigprocmask equ 14
SYS_rt_sigpending  equ 127
SIG_BLOCK          equ 0
SIG_UNBLOCK        equ 1
SIG_SETMASK        equ 2
SIGINT             equ 2
SIGKILL            equ 9
SIGPIPE            equ 13
SIGTERM            equ 15

%define bit_of(signal) (1 << (signal - 1))

section .data
three:   dq bit_of(SIGINT) | bit_of(SIGPIPE) | bit_of(SIGTERM)
pipe:    dq bit_of(SIGPIPE) | bit_of(35)
all:     dq -1

section .bss
old:     resq 1
status:  resq 1

section .text
global _start
_start:
  try "block three      ", SYS_rt_sigprocmask, SIG_BLOCK, three, old, 8
  try "block all        ", SYS_rt_sigprocmask, SIG_SETMASK, all, old, 8
  try "ask              ", SYS_rt_sigprocmask, 9, 0, old, 8
  print_hex [old]
  try "no such change   ", SYS_rt_sigprocmask, 9, three, 0, 8
  try "wrong size       ", SYS_rt_sigprocmask, SIG_BLOCK, three, 0, 4
  try "bad set          ", SYS_rt_sigprocmask, SIG_BLOCK, 16, 0, 8
  try "bad old set      ", SYS_rt_sigprocmask, SIG_SETMASK, three, 16, 8
  sys SYS_getpid
  mov r12, rax
  try "SIGTERM          ", SYS_kill, r12, SIGTERM
  try "SIGTERM again    ", SYS_kill, r12, SIGTERM
  try "SIGINT           ", SYS_kill, r12, SIGINT
  try "which wait       ", SYS_rt_sigpending, old, 8
  print_hex [old]

  sys SYS_fork
  test eax, eax
  jz .child
  sys SYS_wait4, -1, status, 0, 0
  print "Child's status: "
  print_hex [status]
  try "unblock others   ", SYS_rt_sigprocmask, SIG_UNBLOCK, pipe, old, 8
  sys SYS_rt_sigprocmask, SIG_SETMASK, status, old, 8   ; SIGINT ends it here
  exit 99

.child:
  try "child's wait     ", SYS_rt_sigpending, old, 8
  print_hex [old]
  try "child's mask     ", SYS_rt_sigprocmask, SIG_BLOCK, 0, old, 8
  print_hex [old]
  sys SYS_getpid
  mov r12, rax
  try "SIGPIPE          ", SYS_kill, r12, SIGPIPE
  sys SYS_rt_sigprocmask, SIG_UNBLOCK, pipe, old, 8     ; SIGPIPE ends it here
  exit 98
