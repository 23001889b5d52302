; A pointer outlives its mapping.
; Lesson: munmap clears the entry; an access to what is not mapped is SIGSEGV (SEGV_MAPERR).
%include "linux.inc"

global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov qword [r12], 42
  print "Mapped:   "
  print_hex [r12]
  sys SYS_munmap, r12, PAGE
  print "Unmapped: "
  mov rax, [r12]                ; SIGSEGV
  print_hex rax
  exit 0
