; A variable in .data after fork. The parent has written to it, so its page has a frame of its own; fork makes that one
; frame of both, read-only and marked copy-on-write; the child writes and gets a copy; the parent reads its old value.
; Lesson: fork copies page tables, and copies a page when somebody writes to it.
%include "linux.inc"

section .data align=8
counter: dq 0

section .text
global _start
_start:
  mov qword [counter], 1
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
  mov qword [counter], 2        ; the page fault here ends the sharing
  print "Child wrote:  "
  print_hex [counter]
  exit 0

.failed:
  exit 1
