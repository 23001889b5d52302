; Sixteen pages are mapped, three are touched: two by writing, one by reading.
; Lesson: mmap promises; a frame comes with the first touch, and it holds zeros.
%include "linux.inc"

global _start
_start:
  sys SYS_mmap, 0, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov qword [r12], 1
  mov qword [r12 + 7 * PAGE + 0xff8], 2
  mov rbx, [r12 + 12 * PAGE]
  add rbx, [r12]
  add rbx, [r12 + 7 * PAGE + 0xff8]
  print_hex rbx
  exit 0
