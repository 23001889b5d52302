; Recursive Fibonacci: calls, returns and the stack.
%include "linux.inc"
global _start
_start:
  mov edi, 37
  call fib
  mov rbx, rax
  print_hex rbx
  exit 0

fib:
  cmp edi, 2
  jb .small
  push rbx
  mov ebx, edi
  dec edi
  call fib
  lea edi, [rbx - 2]
  mov rbx, rax
  call fib
  add rax, rbx
  pop rbx
  ret
.small:
  mov eax, edi
  ret
