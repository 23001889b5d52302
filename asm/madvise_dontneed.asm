; Three pages with 42 in them, none of which is needed any more: private anonymous, private of a file, shared of a file.
; Lesson: MADV_DONTNEED drops this process's page, at once. What comes back is what backs the mapping: zeros, the file as it
; is, or the very frame, since a shared mapping's stores belong to the file.
%include "lesson.inc"
%include "memory.inc"

section .rodata
name: db "madvise_dontneed.data", 0

section .text
global _start
_start:
  new_file name, PAGE
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, rbx, 0
  mov r13, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r14, rax
  mov qword [r14], 7
  mov qword [r12], 42
  mov qword [r13], 42
  must SYS_madvise, r12, PAGE, MADV_DONTNEED
  must SYS_madvise, r13, PAGE, MADV_DONTNEED
  must SYS_madvise, r14, PAGE, MADV_DONTNEED
  print_number "private, anonymous: ", [r12]
  print_number "private, file:      ", [r13]
  print_number "shared, file:       ", [r14]
  must SYS_unlink, name
  exit 0
