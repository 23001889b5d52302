; A page is made read-only. The store that follows faults, and the handler of SIGSEGV notes the page and allows writing;
; when it returns, the store is executed once more, and succeeds.
; Lesson: how garbage collectors and snapshots learn which pages are written to. The kernel gives the address in siginfo;
; the interrupted instruction has had no effect.
; Look at --strace: SIGSEGV with SEGV_ACCERR, mprotect inside the handler, rt_sigreturn.
%include "lesson.inc"
%include "memory.inc"
%include "signals.inc"

section .bss
faults: resq 1

section .text
global _start
_start:
  must SYS_mmap, 0, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  handle SIGSEGV, on_fault, SA_SIGINFO
  mov qword [r12 + 2 * PAGE + 8], 42
  mov qword [r12 + 2 * PAGE + 16], 43   ; no fault: the page can be written now
  mov qword [r12 + PAGE], 44
  print_number "faults: ", [faults]
  print_number "stored: ", [r12 + 2 * PAGE + 8]
  exit 0

on_fault:
  push r13
  mov r13, [rsi + SI_ADDR]
  inc qword [faults]
  mov rax, r13
  sub rax, r12
  print_number "a store at offset ", rax
  and r13, -PAGE
  must SYS_mprotect, r13, PAGE, PROT_READ | PROT_WRITE
  pop r13
  ret
