; A store as LMDB keeps it: one file of pages, two of them meta pages. A commit writes the changed page to a free place
; with pwrite64(2), makes it durable, and only then writes the meta page that names it, in the place of the older one.
; Readers map the file read-only, take the newer meta page, and go from there.
; Lesson: a page that somebody may read is never overwritten (copy-on-write, in a file). A reader keeps the state it began
; with, the writer waits for nobody, and whatever is torn off by a crash was not named yet.
%include "lesson.inc"
%include "memory.inc"

META_PAGES equ 2
TXN       equ 0                 ; offsets in a meta page: the transaction that wrote it, and its data page
ROOT      equ 8

section .rodata
name: db "page_store.data", 0

section .bss
alignb 4096
page: resb PAGE                 ; what the writer prepares
meta: resb PAGE

section .text
global _start
_start:
  new_file name, 8 * PAGE
  must SYS_mmap, 0, 8 * PAGE, PROT_READ, MAP_SHARED, rbx, 0
  mov r12, rax
  mov ebp, 1
  mov r14d, 100
  call commit
  must SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  mov r13, rax
  fork_to reader

  await dword [r13], 1          ; the reader has begun
  mov ebp, 2
  mov r14d, 200
  call commit
  print_number "writer: committed transaction ", rbp
  mov dword [r13], 2
  wait_for_child
  must SYS_unlink, name
  exit 0

reader:
  call newer_meta
  mov r15, [rax + ROOT]
  shl r15, 12
  add r15, r12                  ; the root of its snapshot
  print_number "reader: begins with transaction ", [rax + TXN]
  mov dword [r13], 1
  await dword [r13], 2
  print_number "reader: its snapshot still says ", [r15]
  call newer_meta
  mov r15, [rax + ROOT]
  shl r15, 12
  add r15, r12
  print_number "reader: begins with transaction ", [rax + TXN]
  print_number "reader: its new snapshot says   ", [r15]
  exit 0

; The meta page with the higher number, in the mapping.
newer_meta:
  mov rax, r12
  lea rcx, [r12 + PAGE]
  mov rdx, [rcx + TXN]
  cmp rdx, [rax + TXN]
  jb .first
  mov rax, rcx
.first:
  ret

; Transaction rbp makes the value r14. Data pages are taken in turn; with one reader at a time, two of them would do.
commit:
  mov [page], r14
  lea r15, [rbp + META_PAGES - 1]
  mov r8, r15
  shl r8, 12
  must SYS_pwrite64, rbx, page, PAGE, r8
  must SYS_fsync, rbx           ; the page is there before its name is
  mov [meta + TXN], rbp
  mov [meta + ROOT], r15
  mov r8, rbp
  and r8, 1
  shl r8, 12
  must SYS_pwrite64, rbx, meta, PAGE, r8
  must SYS_fsync, rbx
  ret
