/** Code that is written to while it runs, and data that lies beside it in one page. */
import { describe, expect, test } from 'vitest';
import { vpnOf } from '../../src/base/ints.ts';
import { Cpu, type CpuOptions } from '../../src/cpu/run.ts';
import { RAX, RCX, RDI, RSP } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { BIT_P, BIT_RW, BIT_US, PageTable } from '../../src/mem/page-table.ts';

const CODE = 0x40_0000n;
/** A second address of the same frame. */
const ALIAS = 0x50_0000n;
const STOP = '0f05'; // syscall

const TIERS: readonly (readonly [string, CpuOptions])[] = [
  ['cold tier', { coldRuns: Number.POSITIVE_INFINITY }],
  ['translated at once', { coldRuns: 0 }],
  ['as usual', {}],
];

function start(hex: string, options: CpuOptions): { cpu: Cpu; frames: Frames; offset: number } {
  const frames = new Frames(1 << 22);
  const table = PageTable.create(frames)!;
  const pfn = frames.allocate()!;
  frames.share(pfn);
  for (const address of [CODE, ALIAS]) table.map(vpnOf(address), pfn, BIT_P | BIT_RW | BIT_US);
  const offset = pfn * 4096;
  frames.u8.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), offset);
  const cpu = new Cpu(frames, options);
  cpu.switchTo(table.cr3);
  cpu.state.rip = CODE;
  cpu.state.setReg(RSP, CODE + 0x1000n);
  return { cpu, frames, offset };
}

describe.each(TIERS)('%s', (_name, options) => {
  test('a loop that counts in its own page keeps its translation', () => {
    // again: inc qword [rdi]; dec rcx; jnz again; syscall
    const { cpu, frames, offset } = start(`48ff07 48ffc9 75f8 ${STOP}`, options);
    cpu.state.setReg(RCX, 5000n);
    cpu.state.setReg(RDI, CODE + 0x800n);
    expect(cpu.run(100_000)).toEqual({ kind: 'syscall' });
    expect(frames.u64[(offset + 0x800) >> 3]).toBe(5000n);
    expect(cpu.retired).toBe(15_001);
    expect(cpu.counters.regions).toBeLessThan(10);
  });

  test.each([
    ['its own address', CODE],
    ['another address of the frame', ALIAS],
  ])('an immediate is written through %s, and the next turn sees it', (_how, base) => {
    // again: mov eax, 1; add ebx, eax; inc byte [rdi]; dec ecx; jnz again; syscall
    const { cpu } = start(`b801000000 01c3 fe07 ffc9 75f3 ${STOP}`, options);
    cpu.state.setReg(RCX, 100n);
    cpu.state.setReg(RDI, base + 1n);
    expect(cpu.run(100_000)).toEqual({ kind: 'syscall' });
    expect(cpu.state.reg(3)).toBe(5050n);
    expect(cpu.retired).toBe(501);
  });

  test('an instruction that overwrites the next one', () => {
    // mov byte [rdi], 0x90; inc eax, of which the store makes a nop
    const { cpu } = start(`c60790 ffc0 ${STOP}`, options);
    cpu.state.setReg(RDI, CODE + 3n);
    cpu.state.setReg(RAX, 7n);
    const exit = cpu.run(2);
    expect(exit).toEqual({ kind: 'budget' });
    expect(cpu.state.rip).toBe(CODE + 4n);
    expect(cpu.state.reg(RAX)).toBe(7n);
  });
});
