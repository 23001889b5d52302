; One process stores a value and then says so in a flag; the other waits for the flag and reads the value. 100 times.
; Lesson: the flag comes after the value in the program, and x86 processors show stores to others in program order. (A
; compiler may not keep that order, nor other processors: there the flag is an atomic store with release.)
%include "lesson.inc"

VALUE  equ 0                    ; offsets in the shared page
READY  equ 64
ROUNDS equ 100

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  fork_to child
  mov ebx, ROUNDS
.publish:
  mov [r12 + VALUE], rbx
  mov dword [r12 + READY], 1
  await dword [r12 + READY], 0
  dec ebx
  jnz .publish
  wait_for_child
  exit 0

child:
  xor r13d, r13d
  mov ebx, ROUNDS
.wait:
  await dword [r12 + READY], 1
  add r13, [r12 + VALUE]
  mov dword [r12 + READY], 0
  dec ebx
  jnz .wait
  print_number "sum of what was published: ", r13
  exit 0
