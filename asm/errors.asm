; One wrong call after another, with the result of each.
; Lesson: a system call fails by returning -errno in rax; nothing else happens.
%include "linux.inc"

section .bss
buffer: resb 64

section .text
global _start
_start:
  sys SYS_mmap, 0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  lea rbx, [r12 + PAGE]
  sys SYS_munmap, rbx, PAGE     ; r12: one page, a hole, one page

  try "no such call            ", 9999
  try "write to a closed fd    ", SYS_write, 99, buffer, 1
  try "write from nowhere      ", SYS_write, 1, 16, 1
  try "write of nothing        ", SYS_write, 1, 16, 0
  try "writev, count too large ", SYS_writev, 1, 16, 1025
  try "writev, count negative  ", SYS_writev, 1, 16, -1
  try "read from a closed fd   ", SYS_read, 99, buffer, 1
  try "mmap of length 0        ", SYS_mmap, 0, 0, 3, 0x22, -1, 0
  try "mmap without a type     ", SYS_mmap, 0, PAGE, 3, 0x20, -1, 0
  try "mmap of a closed fd     ", SYS_mmap, 0, PAGE, 3, 0x02, 99, 0
  try "mmap, offset unaligned  ", SYS_mmap, 0, PAGE, 3, 0x22, -1, 1
  try "mmap, fixed, unaligned  ", SYS_mmap, 1, PAGE, 3, 0x32, -1, 0
  try "mmap, fixed, kernel's   ", SYS_mmap, -PAGE, PAGE, 3, 0x32, -1, 0
  try "mmap of 2^63 bytes      ", SYS_mmap, 0, 1 << 63, 3, 0x22, -1, 0
  try "munmap, kernel's        ", SYS_munmap, -PAGE, PAGE
  lea rbx, [r12 + 8]
  try "mprotect, unaligned     ", SYS_mprotect, rbx, PAGE, 1
  try "mprotect of length 0    ", SYS_mprotect, r12, 0, 1
  try "mprotect over a hole    ", SYS_mprotect, r12, 3 * PAGE, 1
  try "mprotect, unknown bits  ", SYS_mprotect, r12, PAGE, 0x100
  try "kill nobody             ", SYS_kill, 999999999, 0
  try "kill, no such signal    ", SYS_kill, 0, 65
  try "wait4 without children  ", SYS_wait4, -1, 0, 0, 0
  try "wait4, unknown options  ", SYS_wait4, -1, 0, 0x10, 0
  mov qword [buffer], 0
  mov qword [buffer + 8], 1000000000
  try "nanosleep, 10^9 ns      ", SYS_nanosleep, buffer, 0
  try "nanosleep, bad pointer  ", SYS_nanosleep, 16, 0
  try "arch_prctl, no such op  ", SYS_arch_prctl, 0x9999, 0
  try "arch_prctl, kernel's    ", SYS_arch_prctl, 0x1002, -PAGE
  try "uname into nowhere      ", SYS_uname, 16
  exit 0
