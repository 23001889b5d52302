; The program makes its text writable, calls a function, changes the function's immediate and calls it again; then one
; that lies in a page it maps itself. What was translated or cached of the old bytes must not run any more.
; Lesson: code is data; x86 promises that a store to code is seen by the next jump to it.
%include "linux.inc"

section .text
global _start
_start:
  mov rdi, _start
  and rdi, -PAGE
  sys SYS_mprotect, rdi, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC
  call function
  print_hex rax
  mov dword [function + 1], 0x22222222
  call function
  print_hex rax

  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov byte [r12], 0xb8          ; mov eax, imm32
  mov byte [r12 + 5], 0xc3      ; ret
  xor ebx, ebx
  xor ebp, ebp
.again:
  mov [r12 + 1], ebx
  call r12
  add ebp, eax
  inc ebx
  cmp ebx, 1000
  jb .again
  print_hex rbp
  exit 0

function:
  mov eax, 0x11111111
  ret
