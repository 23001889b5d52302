; A page with 42 in it, and another mapping that is to be at the same address: as a wish, with MAP_FIXED_NOREPLACE, with
; MAP_FIXED.
; Lesson: MAP_FIXED removes what is there, without a word. Pinning a shared mapping to one address, so that pointers hold,
; is safe only where nothing else can be: that is what MAP_FIXED_NOREPLACE finds out.
%include "lesson.inc"
%include "memory.inc"

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov qword [r12], 42
  must SYS_mmap, r12, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  cmp rax, r12
  je call_failed
  print "a wish:              another address", 10
  try "MAP_FIXED_NOREPLACE: EEXIST (-17) ", SYS_mmap, r12, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0
  print_number "the page holds       ", [r12]
  must SYS_mmap, r12, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0
  cmp rax, r12
  jne call_failed
  print "MAP_FIXED:           that address", 10
  print_number "the page holds       ", [r12]
  exit 0
