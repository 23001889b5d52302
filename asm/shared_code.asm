; Parent and child share a page that both may write and execute. The parent writes a function into it, again and again;
; the child calls it each time. The store and the jump are in different processes, with different page tables.
; Lesson: code belongs to the frame, not to the mapping; a store through one mapping changes what runs through another.
%include "linux.inc"

TURN   equ 64                   ; offset in the page: 0 the parent's, 1 the child's, 2 the end
ROUNDS equ 200

section .text
global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov byte [r12], 0xb8          ; mov eax, imm32
  mov byte [r12 + 5], 0xc3      ; ret
  sys SYS_fork
  test rax, rax
  js failed
  jz child

  xor ebx, ebx
.round:
  inc ebx
  mov [r12 + 1], ebx
  mov dword [r12 + TURN], 1
.wait:
  cmp dword [r12 + TURN], 0
  je .called
  sys SYS_sched_yield
  jmp .wait
.called:
  cmp ebx, ROUNDS
  jb .round
  mov dword [r12 + TURN], 2
  sys SYS_wait4, -1, 0, 0, 0
  call r12
  mov ebx, eax
  print "The parent's last call returns  "
  print_hex rbx
  exit 0

child:
  xor ebp, ebp
.wait:
  mov eax, [r12 + TURN]
  cmp eax, 2
  je .end
  cmp eax, 1
  je .call
  sys SYS_sched_yield
  jmp .wait
.call:
  call r12
  add ebp, eax
  mov dword [r12 + TURN], 0
  jmp .wait
.end:
  print "The child's calls have returned "
  print_hex rbp                 ; 1 + 2 + ... + 200
  exit 0

failed:
  exit 1
