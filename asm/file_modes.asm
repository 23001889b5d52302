; How a file is opened decides how it may be mapped.
; Lesson: a shared mapping that can be written needs a file that can be written. A private one never writes to the file.
%include "lesson.inc"
%include "memory.inc"

; allowed "text", NUMBER, ARGUMENTS...: whether the call succeeds
%macro allowed 2-8
  sys %{2:-1}
  cmp rax, -EACCES
  je %%denied
  need
  print %1, "yes", 10
  jmp %%told
  %%denied:
  print %1, "no, EACCES", 10
  %%told:
%endmacro

section .rodata
name: db "file_modes.data", 0

section .text
global _start
_start:
  new_file name, PAGE
  allowed "O_RDWR,   MAP_SHARED,  PROT_WRITE: ", SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  must SYS_close, rbx
  must SYS_open, name, O_RDONLY
  mov rbx, rax
  allowed "O_RDONLY, MAP_SHARED,  PROT_WRITE: ", SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  allowed "O_RDONLY, MAP_PRIVATE, PROT_WRITE: ", SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, rbx, 0
  allowed "O_RDONLY, MAP_SHARED,  PROT_READ:  ", SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, rbx, 0
  must SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, rbx, 0
  mov r12, rax
  allowed "          and then PROT_WRITE:    ", SYS_mprotect, r12, PAGE, PROT_READ | PROT_WRITE
  must SYS_close, rbx
  must SYS_open, name, O_WRONLY
  mov rbx, rax
  allowed "O_WRONLY, MAP_SHARED,  PROT_WRITE: ", SYS_mmap, 0, PAGE, PROT_WRITE, MAP_SHARED, rbx, 0
  must SYS_unlink, name
  exit 0
