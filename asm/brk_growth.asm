; The heap's end moves up, down and up again.
; Lesson: pages above the old end appear, zeroed, at their first touch; what was given back is zero when it returns.
%include "linux.inc"

%macro show 2
  mov r13, %2
  print %1
  print_hex r13
%endmacro

global _start
_start:
  sys SYS_brk, 0
  mov r12, rax                  ; the heap is empty
  lea rdi, [r12 + 3 * PAGE]
  sys SYS_brk, rdi
  sub rax, r12
  show "grown by:                ", rax
  lea rbx, [r12 + 2 * PAGE]
  show "a new page holds:        ", [rbx]
  mov qword [rbx], 77
  show "after a write it holds:  ", [rbx]
  lea rdi, [r12 + PAGE]
  sys SYS_brk, rdi
  sub rax, r12
  show "shrunk to:               ", rax
  lea rdi, [r12 + 3 * PAGE]
  sys SYS_brk, rdi
  sub rax, r12
  show "grown again to:          ", rax
  show "the page came back with: ", [rbx]
  mov rdi, 1 << 46              ; more than there can be: the end stays where it is
  sys SYS_brk, rdi
  sub rax, r12
  show "asked for too much:      ", rax
  exit 0
