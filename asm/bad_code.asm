; Children that run into what cannot be executed, each in its own way, and one that is at the limit and can.
; Lesson: fetching an instruction is a memory access like any other: it needs a mapped page with the right to execute,
; all bytes of the instruction, at most 15 of them, and a canonical address.
%include "linux.inc"

; try LABEL, "text": the child goes on at LABEL, the parent prints its wait status
%macro try 2
  sys SYS_fork
  test rax, rax
  jz %1
  sub rsp, 8
  mov qword [rsp], 0
  sys SYS_wait4, rax, rsp, 0, 0
  pop rbx
  print %2
  print_hex rbx
%endmacro

section .data
in_data: ret
counter: dq 0

section .text
global _start
_start:
  sys SYS_mmap, 0, 3 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
  mov r12, rax                  ; one page of code, a hole, a page without the right to execute
  lea rdi, [r12 + PAGE]
  sys SYS_munmap, rdi, PAGE
  lea rdi, [r12 + 2 * PAGE]
  sys SYS_mprotect, rdi, PAGE, PROT_READ | PROT_WRITE

  try .fifteen_bytes,    "an instruction of 15 bytes:     "
  try .sixteen_bytes,    "one of 16 bytes:                "
  try .last_bytes,       "ret in the last byte of a page: "
  try .into_a_hole,      "an instruction into a hole:     "
  try .runs_out,         "the next one is in a hole:      "
  try .into_data,        "ret in a page without execute:  "
  try .data_section,     "ret in .data:                   "
  try .on_the_stack,     "ret on the stack:               "
  try .null,             "jmp 0:                          "
  try .unmapped,         "call to nowhere:                "
  try .not_canonical,    "jmp to no canonical address:    "
  try .returns,          "ret to no canonical address:    "
  try .kernel,           "jmp to the kernel's half:       "
  try .through_nowhere,  "call through a null pointer:    "
  try .recursion,        "recursion without end:          "
  exit 0

.fifteen_bytes:
  mov rbx, counter
  times 4 db 0x3e               ; ds, four times
  db 0x48, 0x81, 0x83           ; add qword [rbx + 0], 7
  dd 0, 7
  mov rdi, [counter]
  mov eax, SYS_exit
  syscall
.sixteen_bytes:
  mov rbx, counter
  times 5 db 0x3e
  db 0x48, 0x81, 0x83
  dd 0, 7
  exit 0
.last_bytes:
  lea rax, [r12 + PAGE - 1]
  mov byte [rax], 0xc3
  call rax
  exit 0
.into_a_hole:
  lea rax, [r12 + PAGE - 3]
  mov byte [rax], 0xb8          ; mov eax, imm32: two of its five bytes are missing
  jmp rax
.runs_out:
  lea rax, [r12 + PAGE - 1]
  mov byte [rax], 0x90
  jmp rax
.into_data:
  lea rax, [r12 + 2 * PAGE]
  mov byte [rax], 0xc3
  call rax
.data_section:
  mov rax, in_data
  call rax
.on_the_stack:
  push 0xc3
  jmp rsp
.null:
  xor eax, eax
  jmp rax
.unmapped:
  mov rax, 0x123456789000
  call rax
.not_canonical:
  mov rax, 0x1234567890001234
  jmp rax
.returns:
  mov rax, 0x8000000000000000
  push rax
  ret
.kernel:
  mov rax, 0xffffffff81000000
  jmp rax
.through_nowhere:
  call [0]
.recursion:
  call .recursion
