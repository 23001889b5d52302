; Two processes map one file for themselves, at different addresses; both have closed its descriptor by then. One stores,
; the other reads it at once. msync(2) then makes sure that it is on the disk, and read(2) finds it in the file.
; Lesson: a file's pages are in memory once, in the page cache; mappings and read(2) look at the same frames.
%include "lesson.inc"
%include "memory.inc"

section .rodata
name: db "shared_file.data", 0

section .bss
read_back: resq 1

section .text
global _start
_start:
  new_file name, PAGE
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r12, rax
  must SYS_close, rbx
  fork_to child

  await dword [r12], 42
  print_number "the parent reads ", [r12]
  mov dword [r12], 43
  wait_for_child
  must SYS_msync, r12, PAGE, MS_SYNC
  must SYS_munmap, r12, PAGE
  must SYS_open, name, O_RDONLY
  mov rbx, rax
  must SYS_read, rbx, read_back, 8
  print_number "the file holds   ", [read_back]
  must SYS_unlink, name
  exit 0

child:
  must SYS_open, name, O_RDWR
  mov rbx, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r13, rax
  must SYS_close, rbx
  must SYS_munmap, r12, PAGE
  mov dword [r13], 42
  await dword [r13], 43
  print_number "the child reads  ", [r13]
  exit 0
