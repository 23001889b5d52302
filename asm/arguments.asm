; What lies on the stack at the start: argc, argv, NULL, envp, NULL, auxv. Prints the arguments but the first, and
; exits with argc.
%include "linux.inc"

global _start
_start:
  mov rbx, [rsp]                ; argc
  lea r12, [rsp + 16]           ; argv[1]
.next:
  mov rsi, [r12]
  test rsi, rsi
  jz .done
  xor edx, edx
.length:
  cmp byte [rsi + rdx], 0
  je .print
  inc rdx
  jmp .length
.print:
  sys SYS_write, 1, rsi, rdx
  print 10
  add r12, 8
  jmp .next
.done:
  exit rbx
