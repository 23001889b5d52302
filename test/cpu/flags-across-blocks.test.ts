/** Lazy flags where several ways meet: what one of them leaves uncomputed has to be right on the others. */
import { describe, expect, test } from 'vitest';
import { vpnOf } from '../../src/base/ints.ts';
import { Cpu } from '../../src/cpu/run.ts';
import { RSP } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { BIT_P, BIT_RW, BIT_US, PageTable } from '../../src/mem/page-table.ts';

const CODE = 0x40_0000n;

function cpuWith(hex: string, regs: Record<number, bigint>, rip = CODE): Cpu {
  const frames = new Frames(1 << 22);
  const table = PageTable.create(frames)!;
  const pfn = frames.allocate()!;
  table.map(vpnOf(CODE), pfn, BIT_P | BIT_RW | BIT_US);
  frames.u8.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), pfn * 4096);
  const cpu = new Cpu(frames, { coldRuns: 0 });
  cpu.switchTo(table.cr3);
  cpu.state.rip = rip;
  cpu.state.setReg(RSP, CODE + 0x1000n);
  for (const [reg, value] of Object.entries(regs)) cpu.state.setReg(Number(reg), value);
  return cpu;
}

describe('CF that is left to be computed', () => {
  test('at the head of a loop that is also the way into the region', () => {
    // add ax, 0xeeab; head: cmovc ebp, esi; bt edx, 0; dec r15d; jnz to the add; syscall
    const code = '6605abee 0f42ee 0fbae200 41ffcf 75f0 0f05';
    // Entered at the head: CF is clear, and the addition of the second turn carries.
    const cpu = cpuWith(code, { 0: 0xeeebn, 5: 1n, 6: 2n, 15: 2n }, CODE + 4n);
    // Twice, so that the head has been met and its region is entered there.
    for (let turn = 0; turn < 2; turn++) {
      cpu.state.rip = CODE + 4n;
      cpu.state.setReg(0, 0xeeebn);
      cpu.state.setReg(5, 1n);
      cpu.state.setReg(15, 2n);
      expect(cpu.run(100_000)).toEqual({ kind: 'syscall' });
      expect(cpu.state.reg(5)).toBe(2n);
    }
  });

  test('past a call that another way leads to as well', () => {
    // test edi, edi; jz called; cmp eax, ebx (carries); jmp after; called: call f; after: setc dl; syscall; f: clc; ret
    const code = '85ff 7404 39d8 eb05 e805000000 0f92c2 0f05 f8 c3';
    for (const [edi, carry] of [
      [1n, 1n],
      [0n, 0n],
      [1n, 1n],
      [0n, 0n],
    ] as const) {
      const cpu = cpuWith(code, { 0: 1n, 3: 2n, 2: 0n, 7: edi });
      expect(cpu.run(100_000)).toEqual({ kind: 'syscall' });
      expect(cpu.state.reg(2)).toBe(carry);
    }
  });
});
