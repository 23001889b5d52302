; What a program finds when it starts: registers, the arguments, the environment and the auxiliary vector on its stack,
; and the strings they point to above. Addresses are printed as distances, since Linux moves the stack from run to run.
; Lesson: execve(2) talks to the new program through its stack, and nothing else.
%include "linux.inc"

AT_PHDR         equ 3
AT_PHENT        equ 4
AT_PHNUM        equ 5
AT_PAGESZ       equ 6
AT_BASE         equ 7
AT_FLAGS        equ 8
AT_ENTRY        equ 9
AT_PLATFORM     equ 15
AT_CLKTCK       equ 17
AT_SECURE       equ 23
AT_RANDOM       equ 25
AT_RSEQ_FEATURE equ 27          ; from here to 30 and 33: what newer kernels add, and the vDSO
AT_HWCAP4       equ 30
AT_EXECFN       equ 31
AT_SYSINFO_EHDR equ 33

section .bss
auxv: resq 64                   ; auxv[type]: the value

section .text
global _start
_start:
  pushfq                        ; flags, then what all registers but RSP have in common
  or rax, rbx
  or rax, rcx
  or rax, rdx
  or rax, rsi
  or rax, rdi
  or rax, rbp
  or rax, r8
  or rax, r9
  or rax, r10
  or rax, r11
  or rax, r12
  or rax, r13
  or rax, r14
  or rax, r15
  mov r13, rax
  pop r14
  mov r12, rsp                  ; where everything is
  print "registers:  "
  print_hex r13
  print "RFLAGS:     "
  print_hex r14
  xor ebx, ebx
  mov ebx, cs
  print "CS:         "
  print_hex rbx
  mov ebx, ss
  print "SS:         "
  print_hex rbx
  mov rbx, r12
  and rbx, 15
  print "RSP mod 16: "
  print_hex rbx

  print "argc:       "
  print_hex [r12]
  lea r13, [r12 + 8]
  mov rbp, [r13]                ; the strings lie one behind the other: rbp is where the next one must be
  print "argv:", 10
  call print_strings
  print "envp:", 10
  call print_strings

  print "auxiliary vector: type, and the value where it is the same everywhere", 10
.next:
  mov rbx, [r13]
  mov r14, [r13 + 8]
  add r13, 16
  cmp rbx, 64
  jae .next
  mov [auxv + rbx * 8], r14
  cmp rbx, AT_SYSINFO_EHDR
  je .next
  cmp rbx, AT_RSEQ_FEATURE
  jb .show
  cmp rbx, AT_HWCAP4
  jbe .next
.show:
  print_hex rbx
  mov eax, 1 << AT_PHDR | 1 << AT_PHENT | 1 << AT_PHNUM | 1 << AT_PAGESZ | 1 << AT_BASE | 1 << AT_FLAGS | 1 << AT_ENTRY | 1 << AT_CLKTCK | 1 << AT_SECURE
  cmp rbx, 31
  ja .value_shown
  bt eax, ebx
  jnc .value_shown
  print "  "
  print_hex r14
.value_shown:
  test rbx, rbx
  jnz .next

  print "from the last string of the environment to the file's name: "
  mov rbx, [auxv + AT_EXECFN * 8]
  sub rbx, rbp
  print_hex rbx
  mov rbp, [auxv + AT_EXECFN * 8]
  mov rbx, rbp
  call print_string
  print "from its end to the end of the page: "
  neg rbp
  and ebp, PAGE - 1
  print_hex rbp
  print "platform: "
  mov rbx, [auxv + AT_PLATFORM * 8]
  call print_string
  print "from the random bytes to it: "
  mov rbx, [auxv + AT_PLATFORM * 8]
  sub rbx, [auxv + AT_RANDOM * 8]
  print_hex rbx
  print "first program header: "
  mov rbx, [auxv + AT_PHDR * 8]
  print_hex [rbx]
  exit 0

print_strings:                  ; those that [r13] points to, up to a null pointer; r13 goes behind it
  mov rbx, [r13]
  add r13, 8
  test rbx, rbx
  jz .done
  cmp rbx, rbp
  je .in_place
  print "not behind the one before: "
.in_place:
  mov rbp, rbx
  call print_string
  jmp print_strings
.done:
  ret

print_string:                   ; the one at rbx, and a newline; rbp goes behind the string that it is at
  mov r14, rbx
.length:
  inc r14
  cmp byte [r14 - 1], 0
  jne .length
  sub r14, rbx                  ; with the zero
  add rbp, r14
  dec r14
  sys SYS_write, 1, rbx, r14
  print 10
  ret
