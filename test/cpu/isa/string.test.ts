/** Repeated string instructions that stop in the middle can go on from there. */
import { expect, test } from 'vitest';
import { CF, DF, ZF } from '../../../src/cpu/flags.ts';
import { InsnMachine, MEMORY, MEMORY_BYTES } from '../../helpers/run-insn.ts';

const END = MEMORY + BigInt(MEMORY_BYTES);

test('REP STOSQ into the end of memory leaves the registers at the element that faulted', () => {
  const m = new InsnMachine({ regs: { rdi: END - 16n, rcx: 5n, rax: 9n } });
  const { rip } = m.state;
  expect(m.run('f3 48 ab')).toBe('fault');
  expect(m.exit()).toMatchObject({ address: END });
  expect([m.reg('rdi'), m.reg('rcx'), m.state.rip]).toEqual([END, 3n, rip]);
  expect([m.memory(END - 16n), m.memory(END - 8n)]).toEqual([9n, 9n]);
});

test('REPE SCASB that faults in a later turn has not changed the flags yet', () => {
  const m = new InsnMachine({ regs: { rdi: END - 2n, rcx: 5n, rax: 0n }, flags: CF });
  expect(m.run('f3 ae')).toBe('fault');
  expect([m.reg('rdi'), m.reg('rcx')]).toEqual([END, 3n]);
  expect(m.flags() & (CF | ZF)).toBe(CF);
});

test('REPNE SCASB finds the byte; RDI is behind it', () => {
  const m = new InsnMachine({
    regs: { rdi: MEMORY, rcx: ~0n & 0xffffn, rax: 0n },
    memory: { [String(MEMORY)]: 0x4141n },
  });
  expect(m.run('f2 ae')).toBe('next');
  expect([m.reg('rdi'), m.reg('rcx')]).toEqual([MEMORY + 3n, 0xffffn - 3n]);
  expect(m.flags() & ZF).toBe(ZF);
});

test('a count of 0 does nothing, not even to the flags', () => {
  const m = new InsnMachine({ regs: { rdi: 0n, rsi: 0n, rcx: 0n }, flags: CF | ZF });
  expect(m.run('f3 a6')).toBe('next');
  expect(m.flags() & (CF | ZF)).toBe(CF | ZF);
});

test('DF makes MOVSQ go down', () => {
  const m = new InsnMachine({
    regs: { rsi: MEMORY + 8n, rdi: MEMORY + 24n, rcx: 2n },
    flags: DF,
    memory: { [String(MEMORY)]: 1n, [String(MEMORY + 8n)]: 2n },
  });
  expect(m.run('f3 48 a5')).toBe('next');
  expect([m.memory(MEMORY + 16n), m.memory(MEMORY + 24n)]).toEqual([1n, 2n]);
  expect([m.reg('rsi'), m.reg('rdi')]).toEqual([MEMORY - 8n, MEMORY + 8n]);
});
