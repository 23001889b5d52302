; A store into the program's own code.
; Lesson: the text segment is mapped r-x, so its entries have R/W clear (SIGSEGV, SEGV_ACCERR).
%include "linux.inc"

global _start
_start:
  print "Writing to the text segment", 10
  mov byte [_start], 0x90       ; SIGSEGV
  print "Never printed", 10
  exit 0
