; Two processes increment one counter in shared memory 100,000 times each, without any care: load, add, store.
; Lesson: sharing is about memory, not about atomicity. Who is interrupted between load and store overwrites what others
; have stored meanwhile; the total is less than 200000, and another one each time on a machine with several processors.
; Try: --quantum 777, or other seeds. The cures: atomic_update, mutex_update.
%include "lesson.inc"

COUNTER equ 0                   ; offsets in the shared page
READY   equ 64

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  fork_to child
  call count
  wait_for_child
  print_number "total = ", [r12 + COUNTER]
  exit 0

child:
  call count
  exit 0

count:
  lock inc dword [r12 + READY]
  await dword [r12 + READY], 2  ; both at once
  mov ecx, 100000
.again:
  mov rax, [r12 + COUNTER]
  inc rax
  mov [r12 + COUNTER], rax
  dec ecx
  jnz .again
  ret
