; Puts something into every kind of register, and stands at `here`: what gdb prints there is what Inspect must say.
section .data
align 32
vectors:    db 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
            db 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff
floats:     dd 1.5, -2.25, 3.0e38, 1.0e-40
doubles:    dq 1.5, -0.0, 1.0e308, 4.9e-324
infinity:   dq 0x7ff0000000000000
tiny:       dt 1.0e-4940
third:      dt 0.333333333333333333333
mxcsr:      dd 0x3fa0
control:    dw 0x0a7f

section .text
global _start
_start:
    mov rax, 0x1122334455667788
    mov rbx, -1
    mov ecx, 0x80000000
    lea rdx, [rel vectors]
    mov rsi, 1 << 63
    xor edi, edi
    mov r8, 8
    mov r9, 0x9999
    mov r10, -10
    mov r11, 11
    mov r12, 0xdeadbeefcafebabe
    mov r13d, -13
    mov r14, 14
    mov r15, 1 << 32
    vmovdqu ymm0, [rel vectors]
    movups xmm1, [rel floats]
    vmovups ymm2, [rel doubles]
    vpaddd ymm15, ymm0, ymm0
    ldmxcsr [rel mxcsr]
    fldcw [rel control]
    fldpi
    fld qword [rel infinity]
    fldz
    fld tword [rel tiny]
    fld tword [rel third]
    fchs
    fld1
    fldz
    fdivp st1, st0          ; a division by zero: ZE, and infinity
    mov ebp, 5
    cmp rbp, 7              ; less: carry, sign, auxiliary carry
    std
here:
    cld
    mov eax, 60
    xor edi, edi
    syscall
