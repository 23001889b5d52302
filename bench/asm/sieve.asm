; Sieve of Eratosthenes, one byte per number, several passes over 2 MiB. Prints the primes counted in all passes.
%include "linux.inc"
N      equ 2 * 1024 * 1024
PASSES equ 48

section .bss
composite: resb N

section .text
global _start
_start:
  xor r14d, r14d
  mov r15d, PASSES
.pass:
  mov rdi, composite
  mov ecx, N / 8
  xor eax, eax
.clear:
  mov [rdi], rax
  add rdi, 8
  dec ecx
  jnz .clear
  mov ebx, 2
.outer:
  cmp byte [composite + rbx], 0
  jne .next
  mov rax, rbx
  imul rax, rax
  cmp rax, N
  jae .next
.mark:
  mov byte [composite + rax], 1
  add rax, rbx
  cmp rax, N
  jb .mark
.next:
  inc rbx
  cmp rbx, 1449                 ; above the root of N
  jb .outer
  mov ebx, 2
.count:
  cmp byte [composite + rbx], 1
  adc r14, 0                    ; carry: the byte is 0
  inc rbx
  cmp rbx, N
  jb .count
  dec r15d
  jnz .pass
  print_hex r14
  exit 0
