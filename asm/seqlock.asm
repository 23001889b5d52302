; A writer changes two words that belong together; a reader copies both and never sees one old and one new. The writer
; counts a sequence number up before and after (odd: it is at work); a reader that saw an odd one, or two different ones,
; reads again.
; Lesson: readers write nothing and never make the writer wait; they find out afterwards whether what they read is whole.
%include "lesson.inc"

SEQUENCE equ 0                  ; offsets in the shared page
FIRST    equ 8
SECOND   equ 16
DONE     equ 24
TORN     equ 64
SEEN     equ 72
WRITES   equ 20000

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  fork_to reader
  xor ebx, ebx
.write:
  inc rbx
  inc dword [r12 + SEQUENCE]    ; one writer only: no lock prefix
  mov [r12 + FIRST], rbx
  mov rax, rbx
  neg rax
  mov [r12 + SECOND], rax
  inc dword [r12 + SEQUENCE]
  cmp ebx, WRITES
  jb .write
  mov dword [r12 + DONE], 1
  wait_for_child
  print_number "torn pairs seen: ", [r12 + TORN]
  print_number "the last one:    ", [r12 + SEEN]
  exit 0

reader:
  mov r13d, [r12 + DONE]        ; before the pair: the last round sees the last pair
.read:
  mov eax, [r12 + SEQUENCE]
  test eax, 1
  jnz .busy
  mov rcx, [r12 + FIRST]
  mov rdx, [r12 + SECOND]
  cmp eax, [r12 + SEQUENCE]
  jne .read
  mov [r12 + SEEN], rcx
  add rcx, rdx
  jz .whole
  inc qword [r12 + TORN]
.whole:
  test r13d, r13d
  jz reader
  exit 0
.busy:
  sys SYS_sched_yield
  jmp .read
