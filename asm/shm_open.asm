; POSIX shared memory: what shm_open("/pml4_lesson") does is open /dev/shm/pml4_lesson. Two programs (this file, started
; with execve as A and as B) know nothing of each other but the name, and map the object at different addresses.
; Lesson: the name is the meeting place. The object lives until it is unlinked, not until its users are gone.
%include "lesson.inc"
%include "memory.inc"

O_NOFOLLOW equ 0x20000

WHERE   equ 0                   ; offsets in the object: where A has mapped it
ANSWERED equ 8
TEXT    equ 64

section .rodata
name:   db "/dev/shm/pml4_lesson", 0
name_a: db "A", 0
name_b: db "B", 0
from_a: db "Hello from Process A!", 10, 0
from_b: db "Hello from Process B!", 10, 0

section .bss
pipe_fds: resd 2
argv:   resq 3

; start NAME: this program again, in a new process
%macro start 1
  fork_to %%child
  jmp %%parent
  %%child:
  mov rax, [rbp + 8]            ; argv[0]
  mov [argv], rax
  mov qword [argv + 8], %1
  must SYS_execve, [rbp + 8], argv, 0
  %%parent:
%endmacro

section .text
global _start
_start:
  mov rbp, rsp
  cmp qword [rbp], 2
  jb both
  mov rax, [rbp + 16]           ; argv[1]
  cmp byte [rax], 'A'
  je process_a
  jmp process_b

both:
  must SYS_pipe, pipe_fds       ; descriptors 3 and 4: A tells that the object is there
  start name_a
  must SYS_read, 3, argv, 1
  start name_b
  wait_for_child
  wait_for_child
  try "It is still there, and can be unlinked: ", SYS_unlink, name
  try "Now it is gone (ENOENT, -2):            ", SYS_open, name, O_RDWR
  exit 0

process_a:
  must SYS_open, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0q600
  mov rbx, rax
  must SYS_ftruncate, rbx, PAGE
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r12, rax
  must SYS_close, rbx
  mov [r12 + WHERE], r12
  mov rsi, from_a
  lea rdi, [r12 + TEXT]
  mov ecx, from_b - from_a
  rep movsb
  must SYS_write, 4, name, 1
  await dword [r12 + ANSWERED], 1
  print "Process A reads: "
  lea rbx, [r12 + TEXT]
  print_string rbx
  exit 0

process_b:
  must SYS_mmap, 0, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  must SYS_open, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC
  mov rbx, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r12, rax
  must SYS_close, rbx
  cmp [r12 + WHERE], r12
  je .same
  print "Process B has mapped it at another address", 10
.same:
  print "Process B reads: "
  lea rbx, [r12 + TEXT]
  print_string rbx
  mov rsi, from_b
  lea rdi, [r12 + TEXT]
  mov ecx, from_b - from_a
  rep movsb
  mov dword [r12 + ANSWERED], 1
  exit 0
