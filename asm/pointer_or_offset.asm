; A record in a shared file has a pointer and an offset to the same number. Another process has mapped the file elsewhere:
; it follows the offset, then the pointer.
; Lesson: a pointer is good in one address space only. In shared memory, store offsets from where the mapping begins.
; Look at --strace: the address in SIGSEGV's si_addr is where the other process had its mapping.
%include "lesson.inc"
%include "memory.inc"

POINTER equ 0                   ; offsets in the shared page
OFFSET  equ 8
NUMBER  equ 256

section .rodata
name: db "pointer_or_offset.data", 0

section .text
global _start
_start:
  new_file name, PAGE
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r12, rax
  mov qword [r12 + NUMBER], 42
  lea rax, [r12 + NUMBER]
  mov [r12 + POINTER], rax
  mov qword [r12 + OFFSET], NUMBER
  mov rax, [r12 + POINTER]
  print_number "here, by the pointer:  ", [rax]
  fork_to child
  wait_for_end "there, by the pointer: "
  must SYS_unlink, name
  exit 0

child:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r13, rax
  must SYS_munmap, r12, PAGE
  mov rax, [r13 + OFFSET]
  print_number "there, by the offset:  ", [r13 + rax]
  mov rax, [r13 + POINTER]
  mov rax, [rax]                ; SIGSEGV here
  exit 0
