/** SYSCALL's registers, what CPUID claims, and exceptions with their RIP. */
import { expect, test } from 'vitest';
import { CF } from '../../../src/cpu/flags.ts';
import { CODE, InsnMachine } from '../../helpers/run-insn.ts';

test('SYSCALL leaves the next RIP in RCX and RFLAGS in R11', () => {
  const m = new InsnMachine({ flags: CF });
  expect(m.run('0f 05')).toBe('syscall');
  expect([m.reg('rcx'), m.reg('r11'), m.state.rip]).toEqual([CODE + 2n, 3n, CODE + 2n]);
});

test('CPUID names the vendor and the brand', () => {
  const m = new InsnMachine();
  const leaf = (eax: bigint): Buffer => {
    m.setReg('rax', eax);
    m.setReg('rcx', 0n);
    m.run('0f a2');
    return Buffer.from(
      Uint32Array.of(...(['rax', 'rbx', 'rcx', 'rdx'] as const).map((name) => Number(m.reg(name)))).buffer,
    );
  };
  const zero = leaf(0n);
  expect(zero.toString('latin1', 4, 8) + zero.toString('latin1', 12, 16) + zero.toString('latin1', 8, 12)).toBe(
    'GenuineIntel',
  );
  const brand = [2n, 3n, 4n].map((n) => leaf(0x8000_0000n + n).toString('latin1')).join('');
  expect(brand.replace(/\0+$/, '')).toBe('pml4 modeled CPU');
});

test.each([
  ['cc', 'BP', 0, 1n],
  ['cd 03', 'BP', 0, 2n],
  ['cd 80', 'GP', 0x402, 0n],
  ['0f 0b', 'UD', 0, 0n],
  ['f4', 'GP', 0, 0n],
  ['0f 20 d8', 'GP', 0, 0n],
  ['f7 f1', 'DE', 0, 0n],
] as const)('%s raises #%s', (code, vector, errorCode, past) => {
  const m = new InsnMachine();
  expect(m.run(code)).toBe('exception');
  expect(m.exit()).toMatchObject({ vector, errorCode });
  expect(m.state.rip).toBe(CODE + past);
});

test('CMPXCHG16B of an address that is not aligned is #GP', () => {
  const m = new InsnMachine({ regs: { rdi: 0x10008n } });
  expect(m.run('48 0f c7 0f')).toBe('exception');
  expect(m.exit()).toMatchObject({ vector: 'GP' });
});
