; Two processes and a pipe: a read waits for bytes, a write for room; the end of the other side is an answer, too.
; Lesson: fork copies descriptors, not what they refer to. A reader sees the end only when nobody can write any more, so
; each side closes what it does not use; a writer without a reader gets SIGPIPE.
%include "files.inc"

LENGTH equ 200000               ; three times what a pipe holds

section .bss
fds:        resd 2
status:     resd 2
buffer:     resb LENGTH

section .text
global _start
_start:
  sys SYS_pipe, fds             ; 3 and 4
  sys SYS_fork
  test eax, eax
  jz .reader
  sys SYS_close, 3
  mov byte [buffer + LENGTH - 1], 7
  sys SYS_write, 4, buffer, LENGTH
  mov r13, rax
  print "Parent wrote: "
  print_hex r13
  sys SYS_close, 4
  sys SYS_wait4, -1, status, 0, 0
  print "Child's status: "
  mov ebx, [status]
  print_hex rbx

  sys SYS_pipe, fds             ; 3 and 4 again
  sys SYS_close, 3
  sys SYS_fork
  test eax, eax
  jz .writer
  sys SYS_wait4, -1, status, 0, 0
  print "Second child's status: "
  mov ebx, [status]
  print_hex rbx
  exit 0

; A page at a time until the end; exits with the last byte that was not zero.
.reader:
  sys SYS_close, 4
  xor r12d, r12d                ; bytes read
  xor r15d, r15d
.next:
  sys SYS_read, 3, buffer, PAGE
  test rax, rax
  jle .end
  add r12, rax
  movzx r15d, byte [buffer + rax - 1]
  jmp .next
.end:
  print "Child read: "
  print_hex r12
  sys SYS_exit, r15

.writer:
  sys SYS_write, 4, buffer, 1
  exit 99                       ; not reached
