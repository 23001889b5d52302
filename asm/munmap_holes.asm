; munmap of the middle of a mapping, then of a range that already has a hole.
; Lesson: unmapping splits; holes are no error; the pages beside the hole keep their frames.
%include "linux.inc"

; show "text", VALUE: one line with the value in hexadecimal
%macro show 2
  mov r13, %2
  print %1
  print_hex r13
%endmacro

global _start
_start:
  sys SYS_mmap, 0, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov ebx, 0
.touch:
  mov rax, rbx
  shl rax, 12
  lea rdx, [rbx + 0x10]
  mov [r12 + rax], rdx
  inc ebx
  cmp ebx, 5
  jb .touch

  lea rbx, [r12 + 2 * PAGE]
  sys SYS_munmap, rbx, PAGE
  show "munmap of page 2 of 0 to 4:      ", rax
  lea rbx, [r12 + PAGE]
  sys SYS_munmap, rbx, 3 * PAGE
  show "munmap of 1 to 3, with its hole: ", rax
  sys SYS_munmap, rbx, 3 * PAGE
  show "munmap of nothing but a hole:    ", rax
  lea rdi, [r12 + 1]
  sys SYS_munmap, rdi, PAGE
  show "munmap of an unaligned address:  ", rax
  sys SYS_munmap, r12, 0
  show "munmap of length 0:              ", rax
  show "page 0 still holds: ", [r12]
  show "page 4 still holds: ", [r12 + 4 * PAGE]

  sys SYS_fork
  test rax, rax
  jz .child
  sub rsp, 16
  sys SYS_wait4, -1, rsp, 0, 0
  mov ebx, [rsp]
  show "status of the child that read page 2: ", rbx
  exit 0
.child:
  mov rax, [r12 + 2 * PAGE]     ; SIGSEGV
  exit 0
