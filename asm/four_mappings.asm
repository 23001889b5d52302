; The four kinds of mapping side by side: private or shared, anonymous or of a file. The parent puts 1 into a page of each
; and forks; the child puts 2 there; the parent looks again, and reads the file with pread64(2).
; Lesson: private or shared decides who sees a store; anonymous or file decides whether there is a file that may see it.
; Look at --pages: where the child's store gets a frame of its own, and where it does not.
%include "lesson.inc"
%include "memory.inc"

section .rodata
name: db "four_mappings.data", 0

section .bss
read_back: resq 1

section .text
global _start
_start:
  new_file name, 2 * PAGE
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r13, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, rbx, 0
  mov r14, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, PAGE
  mov r15, rax
  mov qword [r12], 1
  mov qword [r13], 1
  mov qword [r14], 1
  mov qword [r15], 1
  fork_to child
  wait_for_child
  print_number "private, anonymous: the parent reads ", [r12]
  print_number "shared, anonymous:  the parent reads ", [r13]
  print_number "private, file:      the parent reads ", [r14]
  must SYS_pread64, rbx, read_back, 8, 0
  print_number "                    the file holds   ", [read_back]
  print_number "shared, file:       the parent reads ", [r15]
  must SYS_pread64, rbx, read_back, 8, PAGE
  print_number "                    the file holds   ", [read_back]
  must SYS_unlink, name
  exit 0

child:
  mov qword [r12], 2
  mov qword [r13], 2
  mov qword [r14], 2
  mov qword [r15], 2
  exit 0
