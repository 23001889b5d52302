; Ten processes load one library as ld.so does: the text PROT_READ|PROT_EXEC, the data PROT_READ|PROT_WRITE, both
; MAP_PRIVATE, each process for itself. They call its function, which counts in the library's data, and look up the frames.
; (The library is two pages of this program's own file.)
; Lesson: MAP_PRIVATE does not mean a copy. Ten processes have the text in one frame; only the data, which each has
; written to, is there ten times.
%include "pagemap.inc"

PROCESSES  equ 10
FILE_START equ 0x400000         ; where ld puts the beginning of the file
TEXT       equ 0                ; offsets in the table: frames of the text, frames of the data, how many are done
DATA       equ 128
CALLS      equ 256
DONE       equ 264

section .library align=4096
library:
  inc qword [rel library + PAGE]   ; the library's data are the page after its text
  mov rax, [rel library + PAGE]
  ret
  times PAGE - ($ - library) db 0
  dq 41
  times 2 * PAGE - ($ - library) db 0

section .text
global _start
_start:
  mov rbp, [rsp + 8]            ; argv[0]
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  mov ebx, PROCESSES
.start:
  fork_to process
  dec ebx
  jnz .start
  mov ebx, PROCESSES
.wait:
  wait_for_child
  dec ebx
  jnz .wait
  cmp qword [r12 + TEXT], -1
  je frames_are_hidden
  print_number "calls that returned 42: ", [r12 + CALLS]
  lea rsi, [r12 + TEXT]
  call count_different
  print_number "frames of text:         ", rax
  lea rsi, [r12 + DATA]
  call count_different
  print_number "frames of data:         ", rax
  exit 0

process:
  dec ebx                       ; its number
  must SYS_open, rbp, O_RDONLY
  mov r13, rax
  must SYS_mmap, 0, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, r13, library - FILE_START
  mov r14, rax
  lea r15, [r14 + PAGE]
  must SYS_mmap, r15, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, r13, library - FILE_START + PAGE
  must SYS_close, r13
  call r14
  cmp eax, 42
  jne .count
  lock inc qword [r12 + CALLS]
.count:
  frame_of r14
  mov [r12 + TEXT + rbx * 8], rax
  frame_of r15
  mov [r12 + DATA + rbx * 8], rax
  lock inc dword [r12 + DONE]   ; all stay alive until all have looked: no frame is used anew
  await dword [r12 + DONE], PROCESSES
  exit 0

; How many different numbers the PROCESSES ones at rsi are, in rax.
count_different:
  xor eax, eax
  xor ecx, ecx
.next:
  mov r8, [rsi + rcx * 8]
  xor edx, edx
.earlier:
  cmp edx, ecx
  je .new
  cmp r8, [rsi + rdx * 8]
  je .seen
  inc edx
  jmp .earlier
.new:
  inc eax
.seen:
  inc ecx
  cmp ecx, PROCESSES
  jb .next
  ret
