; A server changes its configuration while two workers run: they map the same file read-only, and between two jobs compare
; a version number with the one they know.
; Lesson: noticing a change costs one load, no system call. What is read belongs together only if the version is looked at
; again afterwards (seqlock), or if readers are waited for, as here.
%include "lesson.inc"
%include "memory.inc"

VERSION equ 0                   ; offsets in the file
LIMIT   equ 8
SEEN    equ 64                  ; in the other page: jobs done with the present version, by worker
WORKERS equ 2

section .rodata
name: db "config_reload.data", 0

section .text
global _start
_start:
  new_file name, PAGE
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  mov r12, rax
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r13, rax
  mov dword [r12 + LIMIT], 10
  mov dword [r12 + VERSION], 1
  fork_to worker
  fork_to worker
  await dword [r13 + SEEN], WORKERS
  print_number "both workers have loaded version ", [r12 + VERSION]
  mov dword [r13 + SEEN], 0
  mov dword [r12 + LIMIT], 20
  mov dword [r12 + VERSION], 2
  await dword [r13 + SEEN], WORKERS
  print_number "both workers have loaded version ", [r12 + VERSION]
  mov dword [r12 + VERSION], 3
  wait_for_child
  wait_for_child
  print_number "sum of their limits: ", [r13]
  must SYS_unlink, name
  exit 0

worker:
  must SYS_munmap, r12, PAGE
  must SYS_open, name, O_RDONLY
  mov rbx, rax
  must SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, rbx, 0
  mov r12, rax
  xor ebx, ebx                  ; the version this worker knows, and the limit it works with
.job:
  sys SYS_sched_yield           ; the job
  cmp [r12 + VERSION], ebx
  je .job
  mov ebx, [r12 + VERSION]
  cmp ebx, 3                    ; the last one
  je .end
  mov ebp, [r12 + LIMIT]
  lock add [r13], rbp
  lock inc dword [r13 + SEEN]
  jmp .job
.end:
  exit 0
