; lost_update, cured: the parent increments with lock inc, the child with lock xadd, which also tells the old value.
; Lesson: a locked instruction loads, adds and stores as one; nothing comes in between. The total is 200000 always.
%include "lesson.inc"

COUNTER equ 0                   ; offsets in the shared page
READY   equ 64

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  fork_to child
  lock inc dword [r12 + READY]
  await dword [r12 + READY], 2
  mov ecx, 100000
.again:
  lock inc qword [r12 + COUNTER]
  dec ecx
  jnz .again
  wait_for_child
  print_number "total = ", [r12 + COUNTER]
  exit 0

child:
  lock inc dword [r12 + READY]
  await dword [r12 + READY], 2
  mov ecx, 100000
.again:
  mov eax, 1
  lock xadd [r12 + COUNTER], rax
  dec ecx
  jnz .again
  exit 0
