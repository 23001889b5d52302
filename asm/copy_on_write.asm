; A variable in .data after fork. Both processes start with one frame, read-only and marked copy-on-write; the child
; writes and gets a frame of its own, so the parent still reads its old value.
; Lesson: fork copies page tables, and copies a page when somebody writes to it.
%include "linux.inc"

section .data
counter: dq 1

section .text
global _start
_start:
  sys SYS_fork
  test rax, rax
  js .failed
  jz .child

  sys SYS_wait4, -1, 0, 0, 0
  print "Parent reads: "
  print_hex [counter]
  cmp qword [counter], 1
  jne .failed
  exit 0

.child:
  print "Child reads:  "
  print_hex [counter]
  mov qword [counter], 2        ; the page fault here breaks the sharing
  print "Child wrote:  "
  print_hex [counter]
  exit 0

.failed:
  exit 1
