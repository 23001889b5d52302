; A producer hands 200 numbers to a consumer through a ring of 8 places in shared memory. Each owns one cursor and only
; reads the other's; who finds the ring full or empty sleeps in futex(2) on the cursor that has to move.
; Lesson: with one producer and one consumer no lock is needed: the item is stored before the cursor that shows it.
; Look at --strace: one call in several items; with --quantum 200 far more.
%include "lesson.inc"
%include "futex.inc"

HEAD     equ 0                  ; offsets in the shared page: numbers produced,
TAIL     equ 64                 ; numbers consumed,
ITEMS    equ 128
PLACES   equ 8
COUNT    equ 200

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  lea r13, [r12 + HEAD]
  lea r14, [r12 + TAIL]
  fork_to consumer

  xor ebx, ebx
.produce:
  mov ebp, [r14]
  mov eax, ebx
  sub eax, ebp
  cmp eax, PLACES
  jb .room
  futex_wait r14, rbp           ; full, if the tail is still there
  jmp .produce
.room:
  mov eax, ebx
  and eax, PLACES - 1
  lea ecx, [ebx * 2 + 1]
  mov [r12 + ITEMS + rax * 8], rcx
  inc ebx
  xchg [r13], ebx               ; shows the item; the look at the tail comes after that, hence no plain store
  cmp [r14], ebx                ; was it empty? then somebody may sleep
  jne .shown
  futex_wake r13, 1
.shown:
  mov ebx, [r13]
  cmp ebx, COUNT
  jb .produce
  wait_for_child
  exit 0

consumer:
  xor ebx, ebx                  ; how many, the sum, and whether they came in order
  xor r15d, r15d
  mov ebp, 1
.consume:
  mov eax, [r13]
  cmp eax, ebx
  jne .item
  futex_wait r13, rbx           ; empty, if the head is still there
  jmp .consume
.item:
  mov eax, ebx
  and eax, PLACES - 1
  mov rax, [r12 + ITEMS + rax * 8]
  add r15, rax
  lea ecx, [ebx * 2 + 1]
  cmp eax, ecx
  je .in_order
  xor ebp, ebp
.in_order:
  lea eax, [ebx + 1]
  xchg [r14], eax
  inc ebx
  mov eax, [r13]
  sub eax, ebx
  cmp eax, PLACES - 1           ; was it full?
  jb .taken
  futex_wake r14, 1
.taken:
  cmp ebx, COUNT
  jb .consume
  print_number "items:    ", rbx
  print_number "sum:      ", r15
  test ebp, ebp
  jz call_failed
  print "in order", 10
  exit 0
