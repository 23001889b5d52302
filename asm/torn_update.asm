; commit_marker without a marker: two accounts on two pages, changed in place and made durable one after the other. Started
; again, the program prints what it finds.
; Lesson: after a crash between the two, money is missing; the file alone does not tell. msync(2) makes durable; it does
; not make two things one.
; Try: --crash-at N, for N around 160: power fails after N instructions, then the program runs again.
%include "accounts.inc"

FIRST   equ 0                   ; offsets in the file
SECOND  equ PAGE
STARTED equ 8

section .text
global _start
_start:
  open_accounts "torn_update.data", 2
  cmp dword [r12 + STARTED], 0
  jne .started
  mov qword [r12 + FIRST], TOTAL
  mov dword [r12 + STARTED], 1
  durable FIRST, PAGE
.started:
  mov rax, [r12 + FIRST]
  add rax, [r12 + SECOND]
  print_number "the accounts together: ", rax
  mov ebx, 5
.transaction:
  cmp qword [r12 + FIRST], AMOUNT
  jb .done                      ; nothing is left
  sub qword [r12 + FIRST], AMOUNT
  durable FIRST, PAGE
  add qword [r12 + SECOND], AMOUNT
  durable SECOND, PAGE
  dec ebx
  jnz .transaction
.done:
  print_number "first account:  ", [r12 + FIRST]
  print_number "second account: ", [r12 + SECOND]
  exit 0
