; Copies a block of 1 MiB again and again: by a loop of eight bytes a turn, then by rep movsb. The source changes
; between copies. Prints a checksum of the destination.
%include "linux.inc"
BLOCK       equ 1024 * 1024
LOOP_COPIES equ 1500
REP_COPIES  equ 400

section .bss
alignb 4096
source: resb BLOCK
target: resb BLOCK

section .text
global _start
_start:
  xor ecx, ecx
  mov rax, 0x9E3779B97F4A7C15
.fill:
  mov [source + rcx], rax
  imul rax, rax, 0x41C64E6D
  add rax, 12345
  add ecx, 8
  cmp ecx, BLOCK
  jb .fill

  xor r14d, r14d
  mov ebx, LOOP_COPIES
.by_loop:
  mov [source + rbx * 8], rbx
  xor ecx, ecx
.word:
  mov rax, [source + rcx]
  mov [target + rcx], rax
  add rcx, 8
  cmp rcx, BLOCK
  jb .word
  add r14, [target + rbx * 8]
  dec ebx
  jnz .by_loop

  mov ebx, REP_COPIES
.by_rep:
  mov [source + rbx * 8], r14
  mov rsi, source
  mov rdi, target
  mov ecx, BLOCK
  rep movsb
  add r14, [target + rbx * 8 + 64]
  dec ebx
  jnz .by_rep

  xor ecx, ecx
.sum:
  rol r14, 1
  xor r14, [target + rcx]
  add ecx, 8
  cmp ecx, BLOCK
  jb .sum
  print_hex r14
  exit 0
