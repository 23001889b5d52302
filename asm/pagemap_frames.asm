; Parent and child look up the frames of a shared page and of a private one in their own /proc/self/pagemap, and compare.
; Lesson: the kernel tells what --pages shows. One frame for the shared page; for the private one, too, until somebody
; writes to it. (On Linux the numbers are for root only; pml4 shows them, since a lesson without them is none.)
%include "pagemap.inc"

SHARED_FRAME  equ 0             ; offsets in the shared page: what the child has found
BEFORE        equ 8
AFTER         equ 16

; compare "text", NUMBER OF THE CHILD: with the parent's, in r14
%macro compare 2
  cmp r14, %2
  je %%same
  print %1, "two frames", 10
  jmp %%end
  %%same:
  print %1, "one frame", 10
  %%end:
%endmacro

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r13, rax
  frame_of r12
  test rax, rax
  jnz call_failed               ; nothing has touched it
  print "not touched yet:                 no frame", 10
  mov qword [r12], 0
  mov qword [r13], 0
  frame_of r12
  cmp rax, -1
  je frames_are_hidden
  fork_to child
  wait_for_child
  frame_of r12
  mov r14, rax
  compare "shared page:                     ", [r12 + SHARED_FRAME]
  frame_of r13
  mov r14, rax
  compare "private page before the store:   ", [r12 + BEFORE]
  compare "private page after the store:    ", [r12 + AFTER]
  exit 0

child:
  mov rax, [r12]                ; Linux leaves it to the first access to put a shared page into the child's tables
  frame_of r12
  mov [r12 + SHARED_FRAME], rax
  frame_of r13
  mov [r12 + BEFORE], rax
  mov qword [r13], 1
  frame_of r13
  mov [r12 + AFTER], rax
  exit 0
