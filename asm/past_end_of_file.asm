; A file of one page and ten bytes, mapped with three pages. A child each reads the last byte, the rest of the last page,
; and the page behind it.
; Lesson: the last page's rest is there and zero; behind the last page there is nothing to map: SIGBUS (7), not SIGSEGV.
; And a page that truncation takes away is gone from the mapping, too.
%include "lesson.inc"
%include "memory.inc"

; probe "text", OFFSET: a child reads the byte there and prints it, if it lives
%macro probe 2
  fork_to %%child
  wait_for_end %1
  jmp %%done
  %%child:
  movzx r13d, byte [r12 + %2]
  print_number {%1, "holds "}, r13
  exit 0
  %%done:
%endmacro

section .rodata
name: db "past_end_of_file.data", 0

section .text
global _start
_start:
  new_file name, PAGE + 10
  must SYS_mmap, 0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r12, rax
  mov byte [r12 + PAGE + 9], 9
  probe "the last byte:        ", PAGE + 9
  probe "the last page's rest: ", PAGE + 10
  probe "the next page:        ", 2 * PAGE
  must SYS_ftruncate, rbx, 10
  probe "after truncation:     ", PAGE + 9
  must SYS_ftruncate, rbx, PAGE + 10
  probe "and longer again:     ", PAGE + 9
  must SYS_unlink, name
  exit 0
