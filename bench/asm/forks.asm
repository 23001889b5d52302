; 2,000 times: fork, the child writes to 64 pages (64 copy-on-write breaks) and exits with a sum of what it found, the
; parent waits. Prints the sum of the exit statuses.
%include "linux.inc"
FORKS equ 2000
PAGES equ 64

section .bss
alignb 4096
pages: resb PAGES * PAGE

section .text
global _start
_start:
  xor ecx, ecx
.fill:
  mov [pages + rcx], rcx
  add ecx, PAGE
  cmp ecx, PAGES * PAGE
  jb .fill
  xor r14d, r14d
  mov ebx, FORKS
  sub rsp, 16
.again:
  mov [pages], rbx
  sys SYS_fork
  test rax, rax
  js .failed
  jz .child
  sys SYS_wait4, rax, rsp, 0, 0
  movzx eax, byte [rsp + 1]
  add r14, rax
  dec ebx
  jnz .again
  print_hex r14
  exit 0
.child:
  xor ecx, ecx
  xor edi, edi
.touch:
  mov rax, [pages + rcx]
  inc qword [pages + rcx]
  shr rax, 12
  add edi, eax
  add ecx, PAGE
  cmp ecx, PAGES * PAGE
  jb .touch
  add edi, ebx
  mov eax, SYS_exit
  syscall
.failed:
  exit 1
