; mprotect takes the right to write away; the next store is a page fault that nothing can resolve.
; Lesson: R/W in the page-table entry decides, and the kernel turns the fault into SIGSEGV (SEGV_ACCERR).
%include "linux.inc"

global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov qword [r12], 42
  print "Written while the page was writable: "
  print_hex [r12]
  sys SYS_mprotect, r12, PAGE, PROT_READ
  print "Read while it is read-only:          "
  print_hex [r12]
  mov qword [r12], 43           ; SIGSEGV
  print "Never printed", 10
  exit 0
