; Recursion two thousand deep, 512 bytes of stack each: 1 MiB.
; Lesson: the stack's mapping grows downwards, a page at a time, when it is touched below its end.
%include "linux.inc"

global _start
_start:
  mov rbx, 2000
  xor eax, eax
  call descend
  mov rbx, rax
  print "Sum of 1 to 2000: "
  print_hex rbx
  exit 0

descend:                        ; rax += rbx + ... + 1
  sub rsp, 504
  mov [rsp], rbx
  dec rbx
  jz .bottom
  call descend
.bottom:
  add rax, [rsp]
  add rsp, 504
  ret
