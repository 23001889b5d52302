; What the debugger's expressions, formats and steps are compared on, with a real gdb: registers and memory hold the same
; values natively and here, and the stack is our own, so that no address depends on the environment.
bits 64
global _start

section .data
numbers:  dd 1, -2, 0x7fffffff, 1000000
longs:    dq 0x1122334455667788, -1, 0xDEADBEEFCAFEBABE
text:     db "Hello, debugger", 10, 0
bytes:    db 0, 1, 2, 65, 127, 128, 200, 255
floats:   dd 1.0, -2.5, 3.14159, 1.0e-3
doubles:  dq 1.0, -0.1, 1.0e300, 2.718281828459045
runs:     times 20 db 'z'
          times 12 db 0
          times 40 dw 7
pointers: dq _start, text, numbers + 4

section .bss
counter:  resq 1
stack:    resb 4096
stack_top:

section .text
_start:
        lea rsp, [stack_top - 64]
        mov rax, 0x1122334455667788
        mov rbx, -5
        mov ecx, 0x80000000
        mov edx, 200
        mov rsi, numbers
        mov rdi, text
        xor ebp, ebp
        mov r8, 0x7fffffffffffffff
        mov r9, 0x8000000000000000
        mov r10d, 10
        mov r12, longs
        mov r15, 0xff
        movups xmm0, [floats]
        movups xmm1, [doubles]
        movups xmm2, [bytes]
        fld qword [doubles + 24]
        fld1
        mov [rsp], rsi
        mov qword [rsp + 8], 42
        mov r11, 3
        cmp r10, 11
here:                                   ; everything is set
        call twice
after:
        mov rax, [rel counter]
        mov byte [rel bytes + 3], 'B'
.loop:
        inc qword [rel counter]
        dec r11
        jnz .loop
write:
        mov eax, 1
        mov edi, 1
        lea rsi, [rel text]
        mov edx, 16
        syscall
exit:
        mov eax, 60
        mov edi, 3
        syscall

twice:
        call add_one
        call add_one
        ret

add_one:
        add qword [rel counter], 1
        ret
