; A process whose parent exits first. The order is fixed by flags in a shared page: the orphan looks at its parent once
; before the parent exits and once after the grandparent has waited for the parent.
; Lesson: an orphan gets a new parent (init, or the nearest subreaper), and goes on.
%include "linux.inc"

ORPHAN_LOOKED equ 0              ; offsets in the shared page
PARENT_GONE   equ 8
ORPHAN_DONE   equ 16

; until OFFSET: yield the processor until the flag in the shared page is set
%macro until 1
%%again:
  cmp qword [r12 + %1], 0
  jne %%set
  sys SYS_sched_yield
  jmp %%again
%%set:
%endmacro

global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  sys SYS_fork
  test rax, rax
  js failed
  jz parent

  sys SYS_wait4, rax, 0, 0, 0
  mov qword [r12 + PARENT_GONE], 1
  until ORPHAN_DONE
  print "Grandparent: done", 10
  exit 0

parent:
  sys SYS_getpid
  mov rbx, rax
  sys SYS_fork
  test rax, rax
  js failed
  jz orphan
  until ORPHAN_LOOKED
  print "Parent: exits", 10
  exit 3

orphan:
  sys SYS_getppid
  cmp rax, rbx
  jne failed
  print "Orphan: my parent is who forked me", 10
  mov qword [r12 + ORPHAN_LOOKED], 1
  until PARENT_GONE
  sys SYS_getppid
  cmp rax, rbx
  je failed
  print "Orphan: somebody else is my parent now", 10
  mov qword [r12 + ORPHAN_DONE], 1
  exit 0

failed:
  exit 1
