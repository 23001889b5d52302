/** Accesses that share a look into the TLB: fields of one object, and tables that small indices select from, near page ends. */
import { describe, expect, test } from 'vitest';
import { vpnOf } from '../../src/base/ints.ts';
import { Cpu, type CpuOptions } from '../../src/cpu/run.ts';
import { RAX, RBP, RBX, RCX, RDI, RDX, RSI } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { BIT_P, BIT_RW, BIT_US, PageTable } from '../../src/mem/page-table.ts';

const CODE = 0x40_0000n;
/** Two pages, whose frames are not neighbours; nothing behind them. */
const DATA = 0x60_0000n;
const END = DATA + 0x2000n;
const STOP = '0f05'; // syscall

const TIERS: readonly (readonly [string, CpuOptions])[] = [
  ['cold tier', { coldRuns: Number.POSITIVE_INFINITY }],
  ['translated', { coldRuns: 0 }],
];

interface Started {
  readonly cpu: Cpu;
  byteAt(address: bigint): number;
  setByte(address: bigint, byte: number): void;
}

function start(hex: string, options: CpuOptions): Started {
  const frames = new Frames(1 << 22);
  const table = PageTable.create(frames)!;
  const add = (address: bigint, bits: number) => {
    const pfn = frames.allocate()!;
    if (!table.map(vpnOf(address), pfn, bits)) throw new Error('full');
    return pfn * 4096;
  };
  const code = add(CODE, BIT_P | BIT_US);
  frames.u8.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), code);
  const second = add(DATA + 0x1000n, BIT_P | BIT_RW | BIT_US);
  frames.allocate();
  const first = add(DATA, BIT_P | BIT_RW | BIT_US);
  const host = (address: bigint) => (address < DATA + 0x1000n ? first : second - 0x1000) + Number(address - DATA);
  for (let i = 0n; i < 0x2000n; i++) frames.u8[host(DATA + i)] = Number((i * 7n + (i >> 8n)) & 0xffn);
  const cpu = new Cpu(frames, options);
  cpu.switchTo(table.cr3);
  cpu.state.rip = CODE;
  const setByte = (address: bigint, byte: number) => {
    frames.u8[host(address)] = byte;
  };
  return { cpu, byteAt: (address) => frames.u8[host(address)], setByte };
}

const starts = [DATA + 0x100n, ...[1n, 3n, 4n, 8n, 17n, 100n, 1023n, 1024n].map((by) => DATA + 0x1000n - by)];

describe.each(TIERS)('%s', (_name, options) => {
  test.each(starts)('a table of 1 KiB at %d: every entry', (table) => {
    // again: movzx eax, bl; add rdx, [rsi+rax*4]; xor r8, rdx; inc bl; jnz again; syscall
    const { cpu, byteAt } = start(`0fb6c3 48031486 4931d0 fec3 75f2 ${STOP}`, options);
    cpu.state.setReg(RSI, table);
    expect(cpu.run(100_000)).toEqual({ kind: 'syscall' });
    let [sum, all] = [0n, 0n];
    for (let i = 0n; i < 256n; i++) {
      for (let k = 0n; k < 8n; k++) sum += BigInt(byteAt(table + 4n * i + k)) << (8n * k);
      sum = BigInt.asUintN(64, sum);
      all ^= sum;
    }
    expect([cpu.state.reg(RDX), cpu.state.reg(8)]).toEqual([sum, all]);
  });

  test.each(starts)('counts in a table of 256 bytes at %d', (table) => {
    // again: movzx eax, bl; inc byte [rsi+rax-1]; inc bl; jnz again; syscall
    const { cpu, byteAt } = start(`0fb6c3 fe4406ff fec3 75f5 ${STOP}`, options);
    const before = Array.from({ length: 256 }, (_, i) => byteAt(table + BigInt(i) - 1n));
    cpu.state.setReg(RSI, table);
    expect(cpu.run(100_000)).toEqual({ kind: 'syscall' });
    const after = Array.from({ length: 256 }, (_, i) => byteAt(table + BigInt(i) - 1n));
    expect(after).toEqual(before.map((byte) => (byte + 1) & 0xff));
  });

  test('a table that reaches beyond what is mapped faults at the entry that does', () => {
    const { cpu } = start(`0fb6c3 48031486 4931d0 fec3 75f2 ${STOP}`, options);
    const table = END - 100n;
    cpu.state.setReg(RSI, table);
    const exit = cpu.run(100_000);
    // Entry 24 is the first of whose 8 bytes some are missing.
    expect(exit).toMatchObject({ kind: 'pageFault', address: END });
    expect(cpu.state.reg(RAX)).toBe(24n);
    expect(cpu.state.reg(RBX)).toBe(24n);
    expect(cpu.state.rip).toBe(CODE + 3n);
    expect(cpu.retired).toBe(24 * 5 + 1);
  });

  test('an operand of several accesses with a small index and a displacement', () => {
    // fninit; movzx r12d, byte [rbp]; fnsave [rbp+r12*4-19] with 16-bit words; syscall
    const { cpu, byteAt, setByte } = start(`dbe3 440fb66500 6642dd74a5ed ${STOP}`, options);
    setByte(DATA + 0x100n, 20);
    const bytes = (from: bigint, count: number) => Array.from({ length: count }, (_, i) => byteAt(from + BigInt(i)));
    const image = DATA + 0x100n + 80n - 19n;
    const around = [bytes(image - 20n, 20), bytes(image + 94n, 100)];
    for (let run = 0; run < 3; run++) {
      for (let i = 0n; i < 94n; i++) setByte(image + i, 0xee);
      cpu.state.rip = CODE;
      cpu.state.setReg(RBP, DATA + 0x100n);
      expect(cpu.run(100)).toEqual({ kind: 'syscall' });
      expect(bytes(image, 6)).toEqual([0x7f, 3, 0, 0, 0xff, 0xff]);
      // The registers: all zeros after FNINIT on a new state.
      expect(bytes(image + 14n, 80)).toEqual(new Array(80).fill(0));
      expect([bytes(image - 20n, 20), bytes(image + 94n, 100)]).toEqual(around);
    }
  });

  test.each([16n, 32n, 31n, 1n])('an aligned access with a small index of %d bytes', (by) => {
    // and ecx, 63; andps xmm0, [rsi+rcx]; movaps [rsi+rcx], xmm0; syscall
    const { cpu } = start(`83e13f 0f54040e 0f29040e ${STOP}`, options);
    // First so that the TLB has the page.
    for (const offset of [16n, 16n, by]) {
      cpu.state.rip = CODE;
      cpu.state.setReg(RSI, DATA + 0x100n);
      cpu.state.setReg(RCX, offset);
      const exit = cpu.run(100);
      if (offset % 16n === 0n) expect(exit).toEqual({ kind: 'syscall' });
      else expect(exit).toMatchObject({ kind: 'exception', vector: 'GP', errorCode: 0 });
    }
    expect(cpu.retired).toBe(by % 16n === 0n ? 12 : 9);
  });

  test.each([END - 24n, END - 23n, END - 9n, END - 1n])(
    'fields at %d: what can be stored is stored before the fault',
    (object) => {
      // mov [rdi], rax; mov [rdi+16], rax; mov [rdi+8], rax; syscall
      const { cpu, byteAt } = start(`488907 48894710 48894708 ${STOP}`, options);
      cpu.state.setReg(RAX, 0x1122_3344_5566_7788n);
      cpu.state.setReg(RDI, object);
      const exit = cpu.run(100);
      const offsets = [0n, 16n, 8n];
      const missing = offsets.findIndex((offset) => object + offset + 8n > END);
      const at = object + offsets[Math.max(0, missing)];
      if (missing < 0) expect(exit).toEqual({ kind: 'syscall' });
      else expect(exit).toMatchObject({ kind: 'pageFault', address: at < END ? END : at });
      expect(cpu.retired).toBe(missing < 0 ? 4 : missing);
      for (const offset of missing < 0 ? offsets : offsets.slice(0, missing))
        expect(byteAt(object + offset)).toBe(0x88);
    },
  );
});
