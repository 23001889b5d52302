; SIGUSR1 arrives between two instructions. The kernel puts the registers on the stack, runs the handler and takes them back
; (rt_sigreturn): the program does not notice. The handler changes every register it can.
; Lesson: a signal is a call that nobody wrote. The frame below the stack pointer is where the interrupted state is; a
; handler may even change it there, and thus where the program goes on.
%include "lesson.inc"
%include "signals.inc"

RIP_IN_CONTEXT equ 168          ; offset of uc_mcontext.gregs[REG_RIP] in struct ucontext

section .bss
handled: resq 1

section .text
global _start
_start:
  handle SIGUSR1, on_signal, SA_SIGINFO
  handle SIGSEGV, on_fault, SA_SIGINFO
  sys SYS_getpid
  mov r12, rax
  mov r13d, 13
  mov r14d, 14
  mov ebx, 5
.again:
  must SYS_kill, r12, SIGUSR1
  dec ebx
  jnz .again
  print_number "signals handled:        ", [handled]
  print_number "r13 is still            ", r13
  print_number "r14 is still            ", r14
  mov eax, [16]                 ; no such page
  print "never printed", 10
goes_on:
  print "the handler went on elsewhere", 10
  exit 0

on_signal:
  inc qword [handled]
  xor ebx, ebx
  xor r12d, r12d
  xor r13d, r13d
  mov r14d, 99
  ret

on_fault:
  mov qword [rdx + RIP_IN_CONTEXT], goes_on
  ret
