; clone(2) with CLONE_VM and its companions makes a thread: the same address space, descriptors and handlers, one process
; id; a stack of its own is all it needs. When it ends, the kernel clears a word and wakes who waits there (CLEARTID).
; Lesson: fork copies an address space, vfork lends it, a thread shares it. Even a store to .data is everybody's.
%include "lesson.inc"
%include "futex.inc"

SYS_clone            equ 56
CLONE_VM             equ 0x100
CLONE_FS             equ 0x200
CLONE_FILES          equ 0x400
CLONE_SIGHAND        equ 0x800
CLONE_THREAD         equ 0x10000
CLONE_SYSVSEM        equ 0x40000
CLONE_PARENT_SETTID  equ 0x100000
CLONE_CHILD_CLEARTID equ 0x200000
FLAGS equ CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID

section .data
value: dq 1

section .bss
thread_id: resd 1
alignb 16
stack:     resb 8192
stack_end:

section .text
global _start
_start:
  sys SYS_getpid
  mov r12, rax
  must SYS_clone, FLAGS, stack_end, thread_id, thread_id
  test rax, rax
  jz thread
  mov rbx, rax
.wait:
  mov eax, [thread_id]
  test eax, eax
  jz .ended
  futex_wait thread_id, rax
  jmp .wait
.ended:
  print_number "the first thread reads ", [value]
  exit 0

thread:
  mov qword [value], 2
  sys SYS_getpid
  cmp rax, r12
  jne call_failed
  sys SYS_gettid
  cmp rax, r12
  je call_failed
  print "the second thread has another id in the same process", 10
  exit 0                        ; exit(2) ends the thread, exit_group(2) would end all
