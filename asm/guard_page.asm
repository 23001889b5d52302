; A function that calls itself forever, on a stack of four pages with one below it that nobody may touch. The handler of
; SIGSEGV runs on a stack of its own (sigaltstack), for there is none left to run on.
; Lesson: a guard page turns an overflow, which would quietly overwrite what lies below, into a fault with an address.
%include "lesson.inc"
%include "memory.inc"
%include "signals.inc"

STACK_PAGES equ 4

section .data align=8
alternate: dq other_stack, 0, 8192   ; stack_t: address, flags, size

section .bss
alignb 16
other_stack: resb 8192
depth:       resq 1

section .text
global _start
_start:
  must SYS_mmap, 0, (STACK_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0
  mov r12, rax
  must SYS_mprotect, r12, PAGE, PROT_NONE
  must SYS_sigaltstack, alternate, 0
  handle SIGSEGV, on_fault, SA_SIGINFO | SA_ONSTACK
  lea rsp, [r12 + (STACK_PAGES + 1) * PAGE]
  call recurse
  exit 99

recurse:
  inc qword [depth]
  sub rsp, 120                  ; 128 bytes for each call
  call recurse
  add rsp, 120
  ret

on_fault:
  mov r13, [rsi + SI_ADDR]
  sub r13, r12
  print_number "calls:                        ", [depth]
  print_number "fault at offset in the guard: ", r13
  exit 0
