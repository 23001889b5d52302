; Open addressing over 64 MiB: 4 Mi slots of a key and a count. 2 Mi random keys go in, then 4 Mi look-ups, half of
; them of keys that are there. Prints the sum of what was found and the number of probes.
%include "linux.inc"
SLOT_BITS equ 22
SLOTS     equ 1 << SLOT_BITS
KEYS      equ 1 << 21
SEED      equ 0x9E3779B97F4A7C15

; rbx := next of xorshift64
%macro next_random 0
  mov rax, rbx
  shl rax, 13
  xor rbx, rax
  mov rax, rbx
  shr rax, 7
  xor rbx, rax
  mov rax, rbx
  shl rax, 17
  xor rbx, rax
%endmacro

section .text
global _start
_start:
  sys SYS_mmap, 0, SLOTS * 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax
  xor r13d, r13d                ; probes
  xor r14d, r14d                ; sum
  mov rbx, SEED
  mov r15d, KEYS
.insert:
  next_random
  mov rdi, rbx
  call find
  mov [rax], rbx
  add qword [rax + 8], r15
  dec r15d
  jnz .insert

  mov rbx, SEED
  mov r15d, KEYS
.hit:
  next_random
  mov rdi, rbx
  call find
  add r14, [rax + 8]
  dec r15d
  jnz .hit
  mov r15d, KEYS
.miss:
  next_random
  mov rdi, rbx
  call find
  add r14, [rax + 8]
  dec r15d
  jnz .miss
  print_hex r14
  print_hex r13
  exit 0

find:                           ; rdi: key, not 0 -> rax: its slot, or the empty one where it belongs
  mov rax, SEED
  imul rax, rdi
  shr rax, 64 - SLOT_BITS
.probe:
  inc r13
  mov rdx, rax
  shl rdx, 4
  add rdx, r12
  mov rcx, [rdx]
  cmp rcx, rdi
  je .found
  test rcx, rcx
  jz .found
  inc rax
  and eax, SLOTS - 1
  jmp .probe
.found:
  mov rax, rdx
  ret
