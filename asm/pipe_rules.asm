; One process and both ends of a pipe: what each call answers.
; Lesson: a pipe is sixteen pages. A write goes into what is left of the last page if it fits there as a whole, and into
; new pages otherwise; so a write of up to a page is never torn, and a pipe can be full before it holds 65,536 bytes.
%include "files.inc"

READER equ 3                    ; the lowest numbers that are free
WRITER equ 4

section .data
; struct iovec[3]: "abc", "", "defgh"; and two buffers
out_pieces: dq text, 3, text, 0, text + 3, 5
in_pieces:  dq buffer, 2, buffer + 100, 10
limit:      dq 6, 6             ; struct rlimit64: descriptors 0 to 5

section .rodata
text:       db "abcdefgh"
no_path:    db 0

section .bss
alignb 16
fds:        resd 2
status:     resd 2
stat:       resb 144
buffer:     resb 70000

section .text
global _start
_start:
  try "pipe                     ", SYS_pipe, fds
  try "pipe into nowhere        ", SYS_pipe, 16
  try "pipe2, unknown flags     ", SYS_pipe2, fds, 1
  try "read from the writer     ", SYS_read, WRITER, buffer, 1
  try "write to the reader      ", SYS_write, READER, buffer, 1
  try "read of nothing          ", SYS_read, READER, buffer, 0
  try "lseek                    ", SYS_lseek, READER, 0, 0
  try "lseek, no such origin    ", SYS_lseek, READER, 0, 5
  try "mmap of the reader       ", SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, READER, 0
  try "mmap of the writer       ", SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, WRITER, 0
  try "fstat                    ", SYS_fstat, READER, stat
  try "newfstatat               ", SYS_newfstatat, WRITER, no_path, stat, 0x1000
  try "newfstatat, not by path  ", SYS_newfstatat, WRITER, text, stat, 0

  try "reader does not wait     ", SYS_fcntl, READER, F_SETFL, O_NONBLOCK
  try "read, empty              ", SYS_read, READER, buffer, 1
  try "writer does not wait     ", SYS_fcntl, WRITER, F_SETFL, O_NONBLOCK
  try "write more than it holds ", SYS_write, WRITER, buffer, 70000
  try "write, full              ", SYS_write, WRITER, buffer, 1
  try "read a byte              ", SYS_read, READER, buffer, 1
  try "write, its page is there ", SYS_write, WRITER, buffer, 1
  try "read what is left of it  ", SYS_read, READER, buffer, PAGE - 1
  try "write two pages          ", SYS_write, WRITER, buffer, 2 * PAGE
  try "read all                 ", SYS_read, READER, buffer, 70000
  mov r14d, 16
.almost_pages:
  sys SYS_write, WRITER, buffer, PAGE - 1
  dec r14d
  jnz .almost_pages
  try "write 17 times 4095      ", SYS_write, WRITER, buffer, PAGE - 1
  try "write a byte             ", SYS_write, WRITER, buffer, 1
  try "write two bytes          ", SYS_write, WRITER, buffer, 2
  try "read all                 ", SYS_read, READER, buffer, 70000

  try "writev                   ", SYS_writev, WRITER, out_pieces, 3
  try "readv                    ", SYS_readv, READER, in_pieces, 2
  sys SYS_write, 1, buffer, 2
  sys SYS_write, 1, buffer + 100, 6

  sys SYS_mmap, 0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  lea rbx, [r12 + 2 * PAGE]
  sys SYS_munmap, rbx, PAGE     ; r12: two pages, then nothing
  lea rbx, [r12 + 2 * PAGE - 100]
  try "write, bad after 100     ", SYS_write, WRITER, rbx, 200
  try "write, bad after 2 pages ", SYS_write, WRITER, r12, 3 * PAGE
  try "read into a bad page     ", SYS_read, READER, rbx, 200
  try "read all                 ", SYS_read, READER, buffer, 70000

  try "dup                      ", SYS_dup, READER
  try "dup2                     ", SYS_dup2, READER, 10
  try "dup2, the same           ", SYS_dup2, READER, READER
  try "dup3, the same           ", SYS_dup3, READER, READER, 0
  try "dup3, over the first     ", SYS_dup3, READER, 10, O_CLOEXEC
  try "F_DUPFD from 8           ", SYS_fcntl, READER, F_DUPFD, 8
  try "F_GETFD                  ", SYS_fcntl, READER, F_GETFD
  try "F_GETFD of dup3's        ", SYS_fcntl, 10, F_GETFD
  try "F_SETFD                  ", SYS_fcntl, 8, F_SETFD, 1
  try "F_SETFL through one      ", SYS_fcntl, 8, F_SETFL, 0
  try "F_GETFL through another  ", SYS_fcntl, READER, F_GETFL
  try "F_GETFL of the writer    ", SYS_fcntl, WRITER, F_GETFL
  try "close                    ", SYS_close, 5
  try "close again              ", SYS_close, 5

  try "F_GETPIPE_SZ             ", SYS_fcntl, WRITER, F_GETPIPE_SZ
  try "F_SETPIPE_SZ             ", SYS_fcntl, READER, F_SETPIPE_SZ, PAGE + 1
  try "write                    ", SYS_write, WRITER, buffer, 70000
  try "F_SETPIPE_SZ, in use     ", SYS_fcntl, READER, F_SETPIPE_SZ, PAGE

  try "close the writer         ", SYS_close, WRITER
  try "read what is left        ", SYS_read, READER, buffer, 70000
  try "read, no writer          ", SYS_read, READER, buffer, 1

  try "pipe2, packets           ", SYS_pipe2, fds, O_DIRECT | O_NONBLOCK
  try "write 10                 ", SYS_write, 5, buffer, 10
  try "write 20                 ", SYS_write, 5, buffer, 20
  try "read 5 of 10             ", SYS_read, WRITER, buffer, 5
  try "read at most 100         ", SYS_read, WRITER, buffer, 100

  sys SYS_close, 5
  try "six descriptors          ", SYS_prlimit64, 0, 7, limit, 0
  try "pipe, one number is free ", SYS_pipe, fds
  try "dup                      ", SYS_dup, READER
  try "dup, none is free        ", SYS_dup, READER
  try "F_DUPFD beyond           ", SYS_fcntl, READER, F_DUPFD, 6
  exit 0
