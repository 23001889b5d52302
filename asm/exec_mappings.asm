; A process maps a shared page, puts 42 into it and into /dev/shm/pml4_exec, and starts this program anew with execve(2). The
; new program has the address as an argument.
; Lesson: fork hands all mappings on; execve drops them all, shared ones too. What is to survive needs a name, or an open
; descriptor.
%include "lesson.inc"
%include "memory.inc"

ARGS equ 8                      ; offset of argv[0] on the initial stack

section .rodata
name: db "/dev/shm/pml4_exec", 0

section .bss
argv: resq 3

section .text
global _start
_start:
  mov rbp, rsp
  cmp qword [rbp], 2
  je started_anew
  must SYS_open, name, O_RDWR | O_CREAT | O_TRUNC, 0q600
  mov rbx, rax
  must SYS_ftruncate, rbx, PAGE
  must SYS_mmap, 0x20000000, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, rbx, 0
  mov r12, rax
  mov dword [r12], 42
  print_number "before execve, by the mapping: ", [r12]
  mov rax, [rbp + ARGS]
  mov [argv], rax
  mov qword [argv + 8], name
  must SYS_execve, [rbp + ARGS], argv, 0

started_anew:                   ; descriptor 3 is still open
  try  "after it, mincore says ENOMEM: ", SYS_mincore, 0x20000000, PAGE, argv
  must SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, 3, 0
  mov r12, rax
  print_number "by the descriptor:             ", [r12]
  fork_to child
  wait_for_end "a load from the old address:   "
  must SYS_unlink, name
  exit 0

child:
  mov eax, [0x20000000]
  exit 0
