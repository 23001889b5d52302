/** How instructions read. That all of them agree with iced-x86 is in decode.test.ts. */
import { expect, test } from 'vitest';
import { decode } from '../../src/cpu/decode.ts';
import { disassemble } from '../../src/cpu/disasm.ts';

test.each([
  ['48 89 04 25 38 20 40 00', 'mov [0x402038], rax'],
  ['48 8b 44 cb 10', 'mov rax, [rbx+rcx*8+0x10]'],
  ['49 8b 1c 24', 'mov rbx, [r12]'],
  ['8b 45 f8', 'mov eax, [rbp-8]'],
  ['64 48 8b 04 25 28 00 00 00', 'mov rax, [fs:0x28]'],
  ['48 8d 05 10 00 00 00', 'lea rax, [rel 0x401017]'],
  ['67 8d 40 01', 'lea eax, [eax+1]'],
  ['48 81 fb be ba fe ca', 'cmp rbx, 0xffffffffcafebabe'],
  ['48 b8 be ba fe ca ef be ad de', 'mov rax, 0xdeadbeefcafebabe'],
  ['c6 00 01', 'mov byte [rax], 1'],
  ['0f b6 00', 'movzx eax, byte [rax]'],
  ['d3 20', 'shl dword [rax], cl'],
  ['75 fb', 'jne 0x400ffd'],
  ['e8 fb 0f 00 00', 'call 0x402000'],
  ['ff 10', 'call qword [rax]'],
  ['f0 0f b1 0f', 'lock cmpxchg [rdi], ecx'],
  ['f3 48 a5', 'rep movsq'],
  ['f3 ae', 'repe scasb'],
  ['0f 05', 'syscall'],
  ['48 98', 'cdqe'],
  ['88 e0', 'mov al, ah'],
  ['66 6a ff', 'o16 push 0xffff'],
  ['c4 e2 fb f6 c3', 'mulx rax, rax, rbx'],
])('%s  %s', (code, text) => {
  const bytes = Uint8Array.from(code.split(' '), (byte) => Number.parseInt(byte, 16));
  const insn = decode(bytes, 0, bytes.length, 0x401000n);
  expect(typeof insn === 'string' ? insn : disassemble(insn)).toBe(text);
});
