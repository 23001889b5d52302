; Four processes take a lock with xchg and spin while it is taken. Under the lock each moves 1 from one account to the
; other, 10,000 times.
; Lesson: a lock needs one atomic instruction and a plain store. But who spins uses the processor that the lock's owner may
; be waiting for; hence the test before the next xchg, the pause, and in the end sched_yield(2).
%include "lesson.inc"

MUTEX     equ 0                 ; offsets in the shared page
GIVEN     equ 64
TAKEN     equ 72
PROCESSES equ 4
TURNS     equ 10000

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov qword [r12 + GIVEN], PROCESSES * TURNS
  mov ebx, PROCESSES
.start:
  fork_to child
  dec ebx
  jnz .start
  mov ebx, PROCESSES
.wait:
  wait_for_child
  dec ebx
  jnz .wait
  print_number "left:  ", [r12 + GIVEN]
  print_number "moved: ", [r12 + TAKEN]
  exit 0

child:
  mov ebx, TURNS
.turn:
  mov r13d, 100                 ; looks before the processor is given away
.take:
  mov eax, 1
  xchg [r12 + MUTEX], eax
  test eax, eax
  jz .mine
.look:
  dec r13d
  jz .yield
  pause
  cmp dword [r12 + MUTEX], 0
  jne .look
  jmp .take
.yield:
  sys SYS_sched_yield
  mov r13d, 100
  jmp .take
.mine:
  mov rax, [r12 + GIVEN]
  dec rax
  mov [r12 + GIVEN], rax
  mov rax, [r12 + TAKEN]
  inc rax
  mov [r12 + TAKEN], rax
  mov dword [r12 + MUTEX], 0     ; a plain store releases: x86 does not move earlier accesses behind it
  dec ebx
  jnz .turn
  exit 0
