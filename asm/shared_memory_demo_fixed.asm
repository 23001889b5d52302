; shared_memory_demo.asm with its two gaps closed: the comparison uses a register that holds all 64 bits (a cmp
; immediate is 32 bits, sign-extended), and the child prints the value it read.
; Lesson: after fork, a MAP_SHARED page is one frame in two address spaces.
%include "linux.inc"

MAGIC equ 0xDEADBEEFCAFEBABE

global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
  cmp rax, -4095
  jae .failed
  mov r12, rax
  mov qword [r12], 0

  sys SYS_fork
  test rax, rax
  js .failed
  jz .child

  mov rax, MAGIC
  mov [r12], rax
  print "Parent wrote: "
  print_hex [r12]
  sys SYS_wait4, -1, 0, 0, 0
  sys SYS_munmap, r12, PAGE
  exit 0

.child:
  mov rcx, 100000000            ; the parent writes meanwhile
.wait_loop:
  dec rcx
  jnz .wait_loop
  mov rbx, [r12]
  print "Child read: "
  print_hex rbx
  mov rax, MAGIC
  cmp rbx, rax
  jne .failed
  exit 0

.failed:
  exit 1
