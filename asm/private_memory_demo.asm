; The twin of shared_memory_demo_fixed.asm with MAP_PRIVATE in place of MAP_SHARED: the child must not see the write.
; Lesson: after fork, a MAP_PRIVATE page is one frame only until somebody writes; the writer gets a copy.
%include "linux.inc"

MAGIC equ 0xDEADBEEFCAFEBABE

global _start
_start:
  sys SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
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
  test rbx, rbx                 ; still the 0 from before the fork
  jnz .failed
  exit 0

.failed:
  exit 1
