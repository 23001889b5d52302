; What a C library asks while it starts, or soon after, with right and wrong arguments.
; Lesson: a path, a descriptor, a size and an address are each checked, in an order of their own; the first that is wrong
; is the answer.
%include "files.inc"

SYS_readlink          equ 89
SYS_getrlimit         equ 97
SYS_setrlimit         equ 160
SYS_sched_setaffinity equ 203
SYS_sched_getaffinity equ 204
SYS_readlinkat        equ 267
SYS_set_robust_list   equ 273

AT_FDCWD              equ -100
AT_SYMLINK_NOFOLLOW   equ 0x100
AT_EMPTY_PATH         equ 0x1000
RLIMIT_CORE           equ 4
RLIMIT_NOFILE         equ 7

section .rodata
self:      db "/proc/self/exe", 0
root:      db "/", 0
nowhere:   db "/no/such/file", 0
relative:  db "x", 0
empty_path: db 0
nothing:   dq 0, 0              ; struct rlimit64: none, and never any
twenty:    dq 20, 20
wrong:     dq 5, 4
first:     dq 1                 ; processor 0
second_word: dq 0, 1            ; processor 64

section .bss
alignb 16
buffer:    resb 256

section .text
global _start
_start:
  try "robust list              ", SYS_set_robust_list, buffer, 24
  try "robust list, wrong size  ", SYS_set_robust_list, buffer, 23

  try "readlink, one byte       ", SYS_readlink, self, buffer, 1
  try "readlink, size 0         ", SYS_readlink, self, buffer, 0
  try "readlink, negative size  ", SYS_readlink, self, buffer, -1
  try "readlink into nowhere    ", SYS_readlink, self, 16, 10
  try "readlink, bad path       ", SYS_readlink, 16, buffer, 10
  try "readlink, empty path     ", SYS_readlink, empty_path, buffer, 10
  try "readlink, no link        ", SYS_readlink, root, buffer, 10
  try "readlink, no such file   ", SYS_readlink, nowhere, buffer, 10
  try "readlinkat               ", SYS_readlinkat, AT_FDCWD, self, buffer, 1
  try "readlinkat, absolute     ", SYS_readlinkat, 99, self, buffer, 1
  try "readlinkat, closed fd    ", SYS_readlinkat, 99, relative, buffer, 10
  try "readlinkat, no directory ", SYS_readlinkat, 1, relative, buffer, 10

  try "newfstatat, no such file ", SYS_newfstatat, AT_FDCWD, nowhere, buffer, AT_SYMLINK_NOFOLLOW
  try "newfstatat, closed fd    ", SYS_newfstatat, 99, empty_path, buffer, AT_EMPTY_PATH
  try "newfstatat, empty path   ", SYS_newfstatat, 1, empty_path, buffer, 0
  try "newfstatat, bad flags    ", SYS_newfstatat, 1, empty_path, buffer, 0x99990000
  try "newfstatat into nowhere  ", SYS_newfstatat, 1, empty_path, 16, AT_EMPTY_PATH
  try "fstat, closed fd         ", SYS_fstat, 99, buffer
  try "fstat into nowhere       ", SYS_fstat, 1, 16

  try "prlimit64, no such one   ", SYS_prlimit64, 0, 16, 0, buffer
  try "prlimit64, nobody        ", SYS_prlimit64, -1, RLIMIT_CORE, 0, buffer
  try "prlimit64, nothing asked ", SYS_prlimit64, 0, RLIMIT_CORE, 0, 0
  try "prlimit64, soft > hard   ", SYS_prlimit64, 0, RLIMIT_CORE, wrong, 0
  try "prlimit64, bad pointer   ", SYS_prlimit64, 0, RLIMIT_CORE, 16, 0
  try "prlimit64, bad old       ", SYS_prlimit64, 0, RLIMIT_CORE, 0, 16
  try "prlimit64, lower         ", SYS_prlimit64, 0, RLIMIT_CORE, nothing, 0
  try "prlimit64, again         ", SYS_prlimit64, 0, RLIMIT_CORE, 0, buffer
  try "getrlimit                ", SYS_getrlimit, RLIMIT_CORE, buffer
  try "getrlimit into nowhere   ", SYS_getrlimit, RLIMIT_CORE, 16
  try "getrlimit, no such one   ", SYS_getrlimit, 99, buffer
  try "setrlimit, bad pointer   ", SYS_setrlimit, RLIMIT_CORE, 0
  try "setrlimit                ", SYS_setrlimit, RLIMIT_NOFILE, twenty
  try "dup2 at the limit        ", SYS_dup2, 1, 20
  try "dup2 below it            ", SYS_dup2, 1, 19

  try "setaffinity              ", SYS_sched_setaffinity, 0, 8, first
  try "setaffinity, one byte    ", SYS_sched_setaffinity, 0, 1, first
  try "setaffinity, no bytes    ", SYS_sched_setaffinity, 0, 0, first
  try "setaffinity, no processor", SYS_sched_setaffinity, 0, 8, second_word
  try "setaffinity, nobody      ", SYS_sched_setaffinity, 999999999, 8, first
  try "setaffinity, bad pointer ", SYS_sched_setaffinity, 0, 8, 16
  try "getaffinity, half a word ", SYS_sched_getaffinity, 0, 4, buffer
  try "getaffinity, 12 bytes    ", SYS_sched_getaffinity, 0, 12, buffer
  try "getaffinity, nobody      ", SYS_sched_getaffinity, -1, 8, buffer

  exit 0
