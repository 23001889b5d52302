; The child of vfork borrows its parent's address space, and the parent stands still until the child exits.
; Lesson: one CR3 for two processes; the child's store is the parent's store.
%include "linux.inc"

section .data
value: dq 1

section .text
global _start
_start:
  sys SYS_vfork
  test rax, rax
  js .failed
  jnz .parent
  mov qword [value], 2
  print "Child first", 10
  exit 5
.parent:
  print "Parent reads: "
  print_hex [value]
  sub rsp, 16
  sys SYS_wait4, -1, rsp, 0, 0
  mov ebx, [rsp]
  print "status: "
  print_hex rbx
  exit 0
.failed:
  exit 1
