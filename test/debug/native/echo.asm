; Reads and writes what it has read, until there is no more; exits with the number of times.
bits 64
global _start
section .bss
buffer: resb 100
section .text
_start:
        xor ebx, ebx
.again:
        xor eax, eax
        xor edi, edi
        mov esi, buffer
        mov edx, 100
        syscall
        test rax, rax
        jle .end
        inc ebx
        mov rdx, rax
        mov eax, 1
        mov edi, 1
        mov esi, buffer
        syscall
        jmp .again
.end:
        mov eax, 60
        mov edi, ebx
        syscall
