; mincore(2) tells which pages are in memory: four new pages, and after touching the third and the first.
; Lesson: mmap makes a promise, not memory. A page gets its frame when it is touched first.
; Look at --pages: the page tables are made by the faults, too.
%include "lesson.inc"
%include "memory.inc"

section .bss
resident: resb 4

; show "text": a digit for each page
%macro show 1
  must SYS_mincore, r12, 4 * PAGE, resident
  print %1
  call print_resident
%endmacro

section .text
global _start
_start:
  must SYS_mmap, 0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  show "mapped:         "
  mov byte [r12 + 2 * PAGE], 1
  show "third written:  "
  mov al, [r12]
  show "first read:     "
  must SYS_madvise, r12, 4 * PAGE, MADV_DONTNEED
  show "not needed:     "
  exit 0

print_resident:
  sub rsp, 16
  xor ecx, ecx
.page:
  mov al, [resident + rcx]
  and al, 1                     ; the other bits mean nothing
  add al, '0'
  mov [rsp + rcx], al
  inc ecx
  cmp ecx, 4
  jb .page
  mov byte [rsp + 4], 10
  sys SYS_write, 1, rsp, 5
  add rsp, 16
  ret
