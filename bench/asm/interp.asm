; An interpreter of byte codes with a jump table, running a nest of loops. One indirect jump for each operation.
%include "linux.inc"

section .rodata
align 8
table: dq op_halt, op_load, op_add, op_xor, op_shift, op_dec, op_jnz, op_move
; registers of the interpreted machine are r0 to r3 in memory; op, register, operand
program:
  db 1, 0, 0                    ; r0 = 0        checksum
  db 1, 1, 255                  ; r1 = 255      outer counter
.outer:
  db 1, 2, 250                  ; r2 = 250      middle counter
.middle:
  db 1, 3, 250                  ; r3 = 250      inner counter
.inner:
  db 2, 0, 3                    ; r0 += r3
  db 3, 0, 2                    ; r0 ^= r2
  db 4, 0, 5                    ; r0 = rotate left(r0, 5)
  db 5, 3, 0                    ; r3--
  db 6, 3, 15                   ; if r3: back 15 bytes from the next
  db 5, 2, 0
  db 6, 2, 24
  db 2, 0, 1
  db 5, 1, 0
  db 6, 1, 36
  db 7, 0, 0                    ; result = r0
  db 0, 0, 0

section .bss
registers: resq 4
result: resq 1

section .text
global _start
%macro dispatch 0
  movzx eax, byte [rsi]
  movzx ecx, byte [rsi + 1]
  movzx edx, byte [rsi + 2]
  add rsi, 3
  jmp [table + rax * 8]
%endmacro

_start:
  mov rsi, program
  mov rdi, registers
  dispatch
op_load:
  mov [rdi + rcx * 8], rdx
  dispatch
op_add:
  mov rdx, [rdi + rdx * 8]
  add [rdi + rcx * 8], rdx
  dispatch
op_xor:
  mov rdx, [rdi + rdx * 8]
  xor [rdi + rcx * 8], rdx
  dispatch
op_shift:
  mov r8, rcx
  mov ecx, edx
  rol qword [rdi + r8 * 8], cl
  dispatch
op_dec:
  dec qword [rdi + rcx * 8]
  dispatch
op_jnz:
  cmp qword [rdi + rcx * 8], 0
  je .on
  sub rsi, rdx
.on:
  dispatch
op_move:
  mov rax, [rdi + rcx * 8]
  mov [result], rax
  dispatch
op_halt:
  print_hex [result]
  exit 0
