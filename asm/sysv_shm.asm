; System V shared memory: shmget makes a segment, shmat maps it, fork hands the mapping on, shmctl(IPC_STAT) counts who
; has it mapped, IPC_RMID removes it when the last one is gone.
; Lesson: the older way to the same frames. The segment has a number instead of a name in a file system.
%include "lesson.inc"
%include "memory.inc"

SHM_NATTCH equ 88               ; offset in struct shmid_ds

section .bss
description: resb 112

section .text
global _start
_start:
  must SYS_shmget, IPC_PRIVATE, PAGE, IPC_CREAT | 0q600
  mov rbx, rax
  must SYS_shmat, rbx, 0, 0
  mov r12, rax
  fork_to child
  await dword [r12], 42
  print_number "the parent reads ", [r12]
  must SYS_shmctl, rbx, IPC_STAT, description
  print_number "mapped by        ", [description + SHM_NATTCH]
  must SYS_shmctl, rbx, IPC_RMID, 0
  mov dword [r12], 43
  wait_for_child
  must SYS_shmdt, r12
  try "after the last shmdt, EINVAL (-22): ", SYS_shmat, rbx, 0, 0
  exit 0

child:
  mov dword [r12], 42
  await dword [r12], 43
  print_number "the child reads  ", [r12]
  must SYS_shmdt, r12
  exit 0
