/** What the stack pointer is worth where an instruction uses it twice, and what a fault leaves. */
import { expect, test } from 'vitest';
import { InsnMachine, MEMORY, MEMORY_BYTES } from '../../helpers/run-insn.ts';

const TOP = MEMORY + 0x1000n;

test('PUSH RSP stores the old value', () => {
  const m = new InsnMachine({ regs: { rsp: TOP } });
  expect(m.run('54')).toBe('next');
  expect(m.memory(TOP - 8n)).toBe(TOP);
  expect(m.reg('rsp')).toBe(TOP - 8n);
});

test('POP RSP leaves the popped value', () => {
  const m = new InsnMachine({ regs: { rsp: TOP }, memory: { [String(TOP)]: 0x1234n } });
  expect(m.run('5c')).toBe('next');
  expect(m.reg('rsp')).toBe(0x1234n);
});

test('POP [rsp+8] addresses with the new RSP', () => {
  const m = new InsnMachine({ regs: { rsp: TOP }, memory: { [String(TOP)]: 7n } });
  expect(m.run('8f 44 24 08')).toBe('next');
  expect(m.memory(TOP + 16n)).toBe(7n);
  expect(m.reg('rsp')).toBe(TOP + 8n);
});

test('CALL [rsp+8] reads its target with the old RSP', () => {
  const m = new InsnMachine({ regs: { rsp: TOP }, memory: { [String(TOP + 8n)]: 0x402000n } });
  const next = m.state.rip + 4n;
  expect(m.run('ff 54 24 08')).toBe('next');
  expect(m.state.rip).toBe(0x402000n);
  expect(m.memory(TOP - 8n)).toBe(next);
});

test('a push across the end of memory stores nothing and keeps RSP', () => {
  const end = MEMORY + BigInt(MEMORY_BYTES);
  const m = new InsnMachine({ regs: { rsp: end + 4n, rax: ~0n & 0xffff_ffff_ffff_ffffn } });
  expect(m.run('50')).toBe('fault');
  expect(m.exit()).toMatchObject({ address: end, errorCode: 6 });
  expect(m.reg('rsp')).toBe(end + 4n);
  expect(m.memory(end - 8n)).toBe(0n);
});

test('ENTER 16, 2 copies a frame pointer and LEAVE takes the frame down', () => {
  const m = new InsnMachine({ regs: { rsp: TOP, rbp: TOP + 0x100n }, memory: { [String(TOP + 0xf8n)]: 0xabcn } });
  expect(m.run('c8 10 00 02')).toBe('next');
  expect(m.memory(TOP - 8n)).toBe(TOP + 0x100n);
  expect(m.memory(TOP - 16n)).toBe(0xabcn);
  expect(m.memory(TOP - 24n)).toBe(TOP - 8n);
  expect(m.reg('rbp')).toBe(TOP - 8n);
  expect(m.reg('rsp')).toBe(TOP - 24n - 16n);
  expect(m.run('c9')).toBe('next');
  expect(m.reg('rbp')).toBe(TOP + 0x100n);
  expect(m.reg('rsp')).toBe(TOP);
});

test('RET to an address that is not canonical is #GP and changes nothing', () => {
  const m = new InsnMachine({ regs: { rsp: TOP }, memory: { [String(TOP)]: 1n << 47n } });
  const { rip } = m.state;
  expect(m.run('c3')).toBe('exception');
  expect(m.exit()).toMatchObject({ vector: 'GP', errorCode: 0 });
  expect(m.state.rip).toBe(rip);
  expect(m.reg('rsp')).toBe(TOP);
});

test('IRETQ takes RIP, RFLAGS and RSP from the stack when CS and SS are those of user mode', () => {
  const frame = [0x402000n, 0x33n, 0xcd5n, MEMORY + 0x20n, 0x2bn];
  const memory = Object.fromEntries(frame.map((value, i) => [String(TOP + 8n * BigInt(i)), value]));
  const m = new InsnMachine({ regs: { rsp: TOP }, memory });
  expect(m.run('48 cf')).toBe('next');
  expect([m.state.rip, m.reg('rsp'), m.flags()]).toEqual([0x402000n, MEMORY + 0x20n, 0x8d5]);
  const kernel = new InsnMachine({ regs: { rsp: TOP }, memory: { ...memory, [String(TOP + 8n)]: 0x10n } });
  expect(kernel.run('48 cf')).toBe('exception');
  expect(kernel.exit()).toMatchObject({ vector: 'GP' });
});

test('RETFQ 8 pops CS as well', () => {
  const m = new InsnMachine({ regs: { rsp: TOP }, memory: { [String(TOP)]: 0x402000n, [String(TOP + 8n)]: 0x33n } });
  expect(m.run('48 ca 08 00')).toBe('next');
  expect([m.state.rip, m.reg('rsp')]).toEqual([0x402000n, TOP + 24n]);
});
