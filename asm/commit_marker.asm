; Five transactions that survive a crash at every point. Two slots hold the two accounts, a version number says which slot
; is good (version & 1). A transaction writes the other slot, makes it durable, then counts the version up: that store is
; the commit, all or nothing. Started again, the program prints the state it finds and goes on from there.
; Lesson: first the data, then msync(2), then the marker, then msync(2). Before the marker is on the disk nothing has
; happened, after that everything has. torn_update is how not to do it.
; Try: --crash-at N, for any N: power fails after N instructions, then the program runs again.
%include "accounts.inc"

VERSION equ 0                   ; offsets in the file; 0: nothing was ever committed
SLOT    equ PAGE                ; of slot 0; slot 1 is a page later
FIRST   equ 0                   ; offsets in a slot
SECOND  equ 8

section .text
global _start
_start:
  open_accounts "commit_marker.data", 3
  cmp dword [r12 + VERSION], 0
  jne .recovered
  mov r14d, TOTAL               ; all is in the first account at the beginning
  xor r15d, r15d
  call commit
.recovered:
  print_number "version ", [r12 + VERSION]
  call good_slot
  add rax, [r13 + FIRST]
  add rax, [r13 + SECOND]
  print_number "the accounts together: ", rax
  mov ebx, 5
.transaction:
  call good_slot
  mov r14, [r13 + FIRST]
  mov r15, [r13 + SECOND]
  cmp r14, AMOUNT
  jb .done                      ; nothing is left
  sub r14, AMOUNT
  add r15, AMOUNT
  call commit
  dec ebx
  jnz .transaction
.done:
  print_number "version ", [r12 + VERSION]
  call good_slot
  print_number "first account:  ", [r13 + FIRST]
  print_number "second account: ", [r13 + SECOND]
  exit 0

; The slot of the present version is r13; rax is 0.
good_slot:
  mov r13d, [r12 + VERSION]
  and r13d, 1
  shl r13d, 12
  lea r13, [r12 + r13 + SLOT]
  xor eax, eax
  ret

; The accounts become r14 and r15.
commit:
  mov r13d, [r12 + VERSION]
  inc r13d
  and r13d, 1
  shl r13d, 12
  add r13d, SLOT                ; where the other slot is in the file
  mov [r12 + r13 + FIRST], r14
  mov [r12 + r13 + SECOND], r15
  durable r13, PAGE
  inc dword [r12 + VERSION]
  durable VERSION, PAGE
  ret
