; SHA-256 (FIPS 180-4) over a message of BLOCKS * 64 bytes, unpadded: the 64-byte block is changed a little each time.
; Prints the chaining value. Plain 32-bit integer code, the eight working variables in registers.
%include "linux.inc"
BLOCKS equ 600000

section .rodata
align 4
k:
  dd 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
  dd 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
  dd 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
  dd 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
  dd 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
  dd 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
  dd 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
  dd 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2

section .data
align 8
state: dd 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
block: times 64 db 0x61

section .bss
align 8
w: resd 64

section .text
global _start
_start:
  mov ebp, BLOCKS
.next:
  mov [block], ebp
  call compress
  dec ebp
  jnz .next
  xor ebx, ebx
.show:
  mov eax, [state + rbx * 8]
  mov ecx, [state + rbx * 8 + 4]
  shl rax, 32
  or rax, rcx
  mov r13, rax
  print_hex r13
  inc ebx
  cmp ebx, 4
  jb .show
  exit 0

; one round; %1 to %8 are a to h, the caller renames them in place of moving them
%macro round 8
  mov edi, %5
  mov esi, %5
  ror edi, 6
  ror esi, 11
  xor edi, esi
  ror esi, 14
  xor edi, esi                  ; Sigma1(e)
  mov esi, %6
  xor esi, %7
  and esi, %5
  xor esi, %7                   ; Ch(e, f, g)
  add %8, edi
  add %8, esi
  add %8, [k + rcx * 4]
  add %8, [w + rcx * 4]
  inc ecx
  add %4, %8
  mov edi, %1
  mov esi, %1
  ror edi, 2
  ror esi, 13
  xor edi, esi
  ror esi, 9
  xor edi, esi                  ; Sigma0(a)
  add %8, edi
  mov edi, %1
  mov esi, %1
  or edi, %2
  and esi, %2
  and edi, %3
  or edi, esi                   ; Maj(a, b, c)
  add %8, edi
%endmacro

compress:
  xor ecx, ecx
.load:
  mov eax, [block + rcx * 4]
  bswap eax
  mov [w + rcx * 4], eax
  inc ecx
  cmp ecx, 16
  jb .load
.extend:
  mov eax, [w + rcx * 4 - 60]
  mov edx, eax
  mov esi, eax
  ror edx, 7
  ror esi, 18
  shr eax, 3
  xor edx, esi
  xor edx, eax                  ; sigma0
  mov eax, [w + rcx * 4 - 8]
  mov esi, eax
  mov edi, eax
  ror esi, 17
  ror edi, 19
  shr eax, 10
  xor esi, edi
  xor esi, eax                  ; sigma1
  add edx, esi
  add edx, [w + rcx * 4 - 64]
  add edx, [w + rcx * 4 - 28]
  mov [w + rcx * 4], edx
  inc ecx
  cmp ecx, 64
  jb .extend

  push rbp
  mov eax, [state]
  mov ebx, [state + 4]
  mov edx, [state + 8]
  mov r8d, [state + 12]
  mov r9d, [state + 16]
  mov r10d, [state + 20]
  mov r11d, [state + 24]
  mov ebp, [state + 28]
  xor ecx, ecx
.rounds:
  round eax, ebx, edx, r8d, r9d, r10d, r11d, ebp
  round ebp, eax, ebx, edx, r8d, r9d, r10d, r11d
  round r11d, ebp, eax, ebx, edx, r8d, r9d, r10d
  round r10d, r11d, ebp, eax, ebx, edx, r8d, r9d
  round r9d, r10d, r11d, ebp, eax, ebx, edx, r8d
  round r8d, r9d, r10d, r11d, ebp, eax, ebx, edx
  round edx, r8d, r9d, r10d, r11d, ebp, eax, ebx
  round ebx, edx, r8d, r9d, r10d, r11d, ebp, eax
  cmp ecx, 64
  jb .rounds
  add [state + 0], eax
  add [state + 4], ebx
  add [state + 8], edx
  add [state + 12], r8d
  add [state + 16], r9d
  add [state + 20], r10d
  add [state + 24], r11d
  add [state + 28], ebp
  pop rbp
  ret
