/** Stopping at addresses and instructions, single steps, and watching a step's memory accesses. */
import { describe, expect, test } from 'vitest';
import { type Paddr, vpnOf } from '../../src/base/ints.ts';
import { CPUID } from '../../src/cpu/isa/system.ts';
import { Cpu, type CpuOptions } from '../../src/cpu/run.ts';
import { RAX, RBX, RCX, RDI, RSP, STATE } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { BIT_P, BIT_RW, BIT_US, PageTable } from '../../src/mem/page-table.ts';

const CODE = 0x40_0000n;
const STACK = 0x50_0000n;

const TIERS: readonly (readonly [string, CpuOptions])[] = [
  ['cold tier', { coldRuns: Number.POSITIVE_INFINITY }],
  ['translated at once', { coldRuns: 0 }],
  ['as usual', {}],
];

function start(hex: string, options: CpuOptions = {}): { cpu: Cpu; frames: Frames; offset: number } {
  const frames = new Frames(1 << 22);
  const table = PageTable.create(frames)!;
  const pfn = frames.allocate()!;
  table.map(vpnOf(CODE), pfn, BIT_P | BIT_RW | BIT_US);
  table.map(vpnOf(STACK - 1n), frames.allocate()!, BIT_P | BIT_RW | BIT_US);
  frames.u8.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), pfn * 4096);
  const cpu = new Cpu(frames, options);
  cpu.switchTo(table.cr3);
  cpu.state.rip = CODE;
  cpu.state.setReg(RSP, STACK);
  return { cpu, frames, offset: pfn * 4096 };
}

// again: inc rax; add rbx, rax; dec rcx; jnz again; syscall
const LOOP = '48ffc0 4801c3 48ffc9 75f5 0f05';

describe.each(TIERS)('%s', (_name, options) => {
  test('a stop in a loop that is hot already, taken away again, and set anew', () => {
    const { cpu } = start(LOOP, options);
    cpu.state.setReg(RCX, 1_000_000n);
    expect(cpu.run(40_000)).toEqual({ kind: 'budget' });
    const middle = CODE + 3n;
    for (const round of [1, 2]) {
      cpu.setStops([middle]);
      expect(cpu.run(1000)).toEqual({ kind: 'stop' });
      expect(cpu.state.rip).toBe(middle);
      const turns = cpu.state.reg(RAX);
      expect(cpu.run(1000)).toEqual({ kind: 'stop' });
      expect(cpu.state.reg(RAX)).toBe(turns);
      expect(cpu.step()).toBeUndefined();
      expect(cpu.run(1000)).toEqual({ kind: 'stop' });
      expect(cpu.state.reg(RAX)).toBe(turns + 1n);
      cpu.setStops([]);
      expect(cpu.run(40_000 * round)).toEqual({ kind: 'budget' });
    }
    expect(cpu.run(10_000_000)).toEqual({ kind: 'syscall' });
    expect(cpu.state.reg(RBX)).toBe(500_000_500_000n);
    expect(cpu.retired).toBe(4_000_001);
  });

  test('a stop at the entry of a function that is called directly, and in one that calls itself', () => {
    // call f; dec rcx; jnz -10; syscall; f: inc rax; test al, 1; jz out; call f; out: ret
    const { cpu } = start('e809000000 48ffc9 75f6 0f05 9090 48ffc0 a801 7405 e8f4ffffff c3', options);
    const f = CODE + 14n;
    cpu.state.setReg(RCX, 100_000n);
    expect(cpu.run(5000)).toEqual({ kind: 'budget' });
    cpu.setStops([f]);
    for (let i = 0; i < 6; i++) {
      expect(cpu.run(50)).toEqual({ kind: 'stop' });
      expect(cpu.state.rip).toBe(f);
      cpu.step();
    }
    cpu.setStops([]);
    expect(cpu.run(5000)).toEqual({ kind: 'budget' });
    cpu.setStops([f]);
    expect(cpu.run(50)).toEqual({ kind: 'stop' });
    cpu.setStops([]);
    expect(cpu.run(10_000_000)).toEqual({ kind: 'syscall' });
    expect(cpu.state.reg(RAX)).toBe(200_000n);
  });

  test('instructions that are not to be executed', () => {
    // again: inc rdi; mov ecx, 0; cpuid; cmp rdi, 100; jb again; syscall
    const { cpu } = start('48ffc7 b900000000 0fa2 4883ff64 72f0 0f05', options);
    cpu.setTraps([CPUID]);
    let traps = 0;
    for (let exit = cpu.run(10_000); exit.kind === 'stop'; exit = cpu.run(10_000)) {
      expect(cpu.state.rip).toBe(CODE + 8n);
      cpu.state.rip += 2n;
      traps++;
    }
    expect(traps).toBe(100);
    expect(cpu.state.reg(RDI)).toBe(100n);
  });
});

test('a stop in the code of another address space, which is hot there', () => {
  const { cpu, frames } = start(LOOP);
  const other = PageTable.create(frames)!;
  const pfn = frames.allocate()!;
  other.map(vpnOf(CODE), pfn, BIT_P | BIT_RW | BIT_US);
  frames.u8.set(Buffer.from(LOOP.replaceAll(' ', ''), 'hex'), pfn * 4096);
  const table = frames.u32[STATE.cr3 >> 2] as Paddr;
  cpu.state.setReg(RCX, 1_000_000n);
  cpu.run(40_000);
  cpu.switchTo(other.cr3);
  cpu.state.rip = CODE;
  cpu.run(40_000);
  cpu.setStops([CODE + 3n]);
  expect(cpu.run(40_000)).toEqual({ kind: 'stop' });
  cpu.switchTo(table);
  expect(cpu.run(40_000)).toEqual({ kind: 'stop' });
  cpu.step();
  expect(cpu.run(40_000)).toEqual({ kind: 'stop' });
});

test('thousands of stops, one after the other, leave code fast', () => {
  const { cpu } = start(`${'90'.repeat(3000)} 0f05`);
  for (let at = CODE + 1n; at < CODE + 3000n; at++) {
    cpu.setStops([at]);
    expect(cpu.run(10)).toEqual({ kind: 'stop' });
  }
  expect(cpu.state.rip).toBe(CODE + 2999n);
});

test('steps see code that was changed behind their back', () => {
  const { cpu, frames, offset } = start('48ffc0 ebfb');
  for (let i = 0; i < 4; i++) expect(cpu.step()).toBeUndefined();
  expect(cpu.state.reg(RAX)).toBe(2n);
  frames.u8[offset + 2] = 0xc8; // dec rax
  cpu.step();
  expect(cpu.state.reg(RAX)).toBe(1n);
  expect(cpu.retired).toBe(5);
});

test('a watch sees reads and writes in order, with values, and may refuse', () => {
  // add [rdi], eax; push rbx; movups xmm0, [rdi]; movups [rdi+16], xmm0
  const { cpu, frames, offset } = start('0107 53 0f1007 0f114710');
  cpu.state.setReg(RDI, CODE + 0x801n);
  cpu.state.setReg(RAX, 5n);
  cpu.state.setReg(RBX, 7n);
  frames.u8[offset + 0x801] = 0x10;
  const seen: unknown[] = [];
  let isAllowed = true;
  const watch = {
    beforeRead: (address: bigint, bytes: number) => seen.push(['read', address, bytes]) > 0,
    afterRead: (_: bigint, __: number, at: number) => void seen.push(frames.u8[at]),
    beforeWrite: (address: bigint, bytes: number, value: bigint) => {
      seen.push(['write', address, bytes, value]);
      return isAllowed;
    },
  };
  for (let i = 0; i < 4; i++) expect(cpu.step(watch)).toBeUndefined();
  expect(seen).toEqual([
    ['read', CODE + 0x801n, 4],
    0x10,
    ['write', CODE + 0x801n, 4, 0x15n],
    ['write', STACK - 8n, 8, 7n],
    ['read', CODE + 0x801n, 16],
    0x15,
    ['write', CODE + 0x811n, 16, 0x15n],
  ]);
  isAllowed = false;
  cpu.state.rip = CODE + 2n;
  expect(cpu.step(watch)).toEqual({ kind: 'refused' });
  expect(cpu.state.rip).toBe(CODE + 2n);
  expect(cpu.state.reg(RSP)).toBe(STACK - 8n);
  expect(cpu.retired).toBe(4);
});
