; Two processes add 1 to a number in shared memory, once each, by one instruction without LOCK; exits with 0 when it is 2.
; Lesson: one instruction is not one access. Another processor may come between its read and its write; natively that is
; too rare to see, and explore --exhaustive shows it.
; Try: pml4 explore --exhaustive; then "lock inc".
%include "lesson.inc"

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  fork_to child
  inc qword [r12]
  wait_for_child
  print_number "total = ", [r12]
  mov edi, 2
  sub rdi, [r12]
  exit rdi

child:
  inc qword [r12]
  exit 0
