; A jump into .data, where a `ret` lies.
; Lesson: NX in the page-table entry makes the fetch a page fault, hence SIGSEGV.
%include "linux.inc"

section .data
function: db 0xc3

section .text
global _start
_start:
  print "Calling a byte in .data", 10
  call function                 ; SIGSEGV
  print "Never printed", 10
  exit 0
