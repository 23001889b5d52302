; Makes mappings of several kinds at fixed addresses and prints what /proc/self/maps says of itself: address range,
; permissions, offset, device, inode, file. Only lines below 4 GiB, since the others lie elsewhere each time.
; Lesson: p is private, s shared; neighbours that are alike are one line; mprotect splits a line, and munmap leaves a hole.
%include "lesson.inc"
%include "memory.inc"

BASE equ 0x10000000

; area OFFSET, LENGTH, PROT, FLAGS, FD, FILE_OFFSET: a mapping, in pages
%macro area 6
  must SYS_mmap, BASE + %1 * PAGE, %2 * PAGE, %3, %4 | MAP_FIXED, %5, %6 * PAGE
%endmacro

section .rodata
name: db "proc_maps.data", 0
maps: db "/proc/self/maps", 0

section .bss
text: resb 65536

section .text
global _start
_start:
  new_file name, 4 * PAGE
  area  0, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  area  4, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  area 16, 2, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 0
  area 18, 2, PROT_READ | PROT_WRITE, MAP_SHARED, rbx, 2
  area 20, 2, PROT_READ, MAP_PRIVATE, rbx, 1
  area 32, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  area 33, 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  area 48, 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  must SYS_mprotect, BASE + 2 * PAGE, PAGE, PROT_READ
  must SYS_munmap, BASE + 17 * PAGE, PAGE
  must SYS_unlink, name

  must SYS_open, maps, O_RDONLY
  mov rbx, rax
  mov r12d, text
.read:
  lea rdx, [text + 65536]
  sub rdx, r12
  mov rsi, r12
  must SYS_read, rbx
  add r12, rax
  test rax, rax
  jnz .read
  mov r13d, text                ; the beginning of a line
.line:
  cmp r13, r12
  jae .end
  xor ecx, ecx                  ; where the first - is
.find:
  cmp byte [r13 + rcx], '-'
  je .found
  inc ecx
  jmp .find
.found:
  xor edx, edx
.length:
  inc edx
  cmp byte [r13 + rdx - 1], 10
  jne .length
  mov r14d, edx
  cmp ecx, 8
  ja .skip
  sys SYS_write, 1, r13, r14
.skip:
  add r13, r14
  jmp .line
.end:
  exit 0
