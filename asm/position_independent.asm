; A static position-independent executable: `ld -pie --no-dynamic-linker`. It is loaded where the kernel likes, finds its
; own addresses relative to RIP, and relocates itself: each R_X86_64_RELATIVE entry names a word that wants the load
; address added, and the dynamic section, found through the auxiliary vector, says where those entries are.
; Lesson: without a fixed address, every absolute pointer in the file has to be corrected at run time, by somebody.
%include "linux.inc"

AT_PHDR    equ 3
AT_ENTRY   equ 9
PT_DYNAMIC equ 2
DT_RELA    equ 7
DT_RELASZ  equ 8
R_RELATIVE equ 8

section .data
pointer: dq message             ; the linker leaves 0 here, and a relocation
message: db "reached through a relocated pointer", 10
MESSAGE_BYTES equ $ - message

section .text
global _start
_start:
  lea r12, [rsp + 8]            ; the auxiliary vector is behind two null pointers
.skip_args:
  add r12, 8
  cmp qword [r12 - 8], 0
  jne .skip_args
.skip_env:
  add r12, 8
  cmp qword [r12 - 8], 0
  jne .skip_env
.next_aux:
  mov rax, [r12]
  add r12, 16
  cmp rax, AT_ENTRY
  cmove r14, [r12 - 8]
  cmp rax, AT_PHDR
  cmove r13, [r12 - 8]
  test rax, rax
  jnz .next_aux

  lea rax, [rel _start]         ; AT_ENTRY has the load address in it
  sub r14, rax
  mov rbx, r13                  ; program headers follow the ELF header, which is at the load address
  sub rbx, 64
.find_dynamic:
  cmp dword [r13], PT_DYNAMIC
  je .dynamic
  add r13, 56
  jmp .find_dynamic
.dynamic:
  mov r13, [r13 + 16]
  add r13, rbx
.next_tag:
  mov rax, [r13]
  add r13, 16
  cmp rax, DT_RELA
  cmove rsi, [r13 - 8]
  cmp rax, DT_RELASZ
  cmove rcx, [r13 - 8]
  test rax, rax
  jnz .next_tag

  add rsi, rbx
  add rcx, rsi
  xor ebp, ebp
.relocate:
  cmp rsi, rcx
  jae .relocated
  cmp dword [rsi + 8], R_RELATIVE
  jne .failed
  mov rdi, [rsi]
  mov rax, [rsi + 16]
  add rax, rbx
  mov [rbx + rdi], rax
  inc ebp
  add rsi, 24
  jmp .relocate
.failed:
  mov edi, 1
  mov eax, SYS_exit
  syscall

.relocated:
  lea rsi, [rel entry_text]
  mov edx, ENTRY_BYTES
  mov rax, r14
  call .show
  lea rsi, [rel count_text]
  mov edx, COUNT_BYTES
  mov rax, rbp
  call .show
  lea rsi, [rel page_text]
  mov edx, PAGE_BYTES
  mov rax, rbx
  and eax, PAGE - 1
  call .show
  mov rsi, [rel pointer]
  mov edx, MESSAGE_BYTES
  mov edi, 1
  mov eax, SYS_write
  syscall
  xor edi, edi
  mov eax, SYS_exit
  syscall

.show:                          ; text of edx bytes at rsi, then rax
  push rax
  mov edi, 1
  mov eax, SYS_write
  syscall
  pop rax
  jmp print_hex_rax

section .rodata
entry_text: db "AT_ENTRY - _start:       "
ENTRY_BYTES equ $ - entry_text
count_text: db "words relocated:         "
COUNT_BYTES equ $ - count_text
page_text: db "load address mod 4096:   "
PAGE_BYTES equ $ - page_text
