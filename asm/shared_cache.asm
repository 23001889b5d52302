; Four workers share a table of results: who needs one that is not there claims its place with lock cmpxchg, computes it,
; and puts it there; the others find it, or wait for it. Each needs the same 50.
; Lesson: work is done once for all processes. A place has three states (empty, claimed, done), and one atomic
; instruction decides who goes from empty to claimed.
%include "lesson.inc"

RESULTS  equ 50
WORKERS  equ 4
STATE    equ 0                  ; offsets in a place of 16 bytes; 0 empty, 1 claimed, 2 done
RESULT   equ 8
COMPUTED equ 1024               ; offset in the shared page

section .text
global _start
_start:
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov ebx, WORKERS
.start:
  fork_to worker
  dec ebx
  jnz .start
  mov ebx, WORKERS
  xor ebp, ebp                  ; workers whose sum was right
.wait:
  sub rsp, 16
  must SYS_wait4, -1, rsp, 0, 0
  mov eax, [rsp]
  add rsp, 16
  test eax, eax
  jnz .wrong
  inc ebp
.wrong:
  dec ebx
  jnz .wait
  print_number "computed:                 ", [r12 + COMPUTED]
  print_number "workers with all results: ", rbp
  exit 0

worker:
  xor r13d, r13d                ; the number whose result is wanted, and the sum of all
  xor r14d, r14d
.next:
  mov r15d, r13d
  shl r15d, 4
  add r15, r12
  xor eax, eax
  mov ecx, 1
  lock cmpxchg [r15 + STATE], ecx
  jz .compute
  await dword [r15 + STATE], 2
  jmp .there
.compute:
  mov eax, r13d
  imul eax, r13d
  mov [r15 + RESULT], rax
  lock inc qword [r12 + COMPUTED]
  mov dword [r15 + STATE], 2
.there:
  add r14, [r15 + RESULT]
  inc r13d
  cmp r13d, RESULTS
  jb .next
  xor eax, eax
  cmp r14, 40425                ; 0 + 1 + 4 + ... + 49 * 49
  setne al
  mov edi, eax
  mov eax, SYS_exit
  syscall
