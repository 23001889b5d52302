/** Address spaces that share translations after a fork, and part from each other. */
import { expect, test } from 'vitest';
import { vpnOf } from '../../src/base/ints.ts';
import { Cpu } from '../../src/cpu/run.ts';
import { RCX, RSP } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { BIT_P, BIT_RW, BIT_US, PageTable, slotPfn } from '../../src/mem/page-table.ts';

const CALLER = 0x40_0000n;
const CALLEE = 0x40_1000n;
const STACK = 0x50_0000n;
const BITS = BIT_P | BIT_RW | BIT_US;
const TURNS = 2000n;

/** Caller: again: call CALLEE; dec rcx; jnz again; syscall. Callee: add eax, N; ret. */
const CALLER_CODE = 'e8fb0f0000 48ffc9 75f6 0f05';
const calleeCode = (n: number) => `83c0${n.toString(16).padStart(2, '0')} c3`;

function machine() {
  const frames = new Frames(1 << 22);
  const frameWith = (code: string) => {
    const pfn = frames.allocate()!;
    frames.u8.set(Buffer.from(code.replaceAll(' ', ''), 'hex'), pfn * 4096);
    return pfn;
  };
  const caller = frameWith(CALLER_CODE);
  const callee = frameWith(calleeCode(1));
  const space = (): PageTable => {
    const table = PageTable.create(frames)!;
    for (const [address, pfn] of [
      [CALLER, caller],
      [CALLEE, callee],
    ] as const) {
      frames.share(pfn);
      table.map(vpnOf(address), pfn, BITS);
    }
    table.map(vpnOf(STACK), frames.allocate()!, BITS);
    return table;
  };
  const parent = space();
  const child = space();
  const cpu = new Cpu(frames);
  cpu.switchTo(parent.cr3);
  const run = (table: PageTable, start = CALLER, turns = TURNS) => {
    cpu.switchTo(table.cr3);
    cpu.state.rip = start;
    cpu.state.setReg(0, 0n);
    cpu.state.setReg(RCX, turns);
    // A callee that is started by itself returns to the caller's end.
    const stack = (slotPfn(frames, table.find(vpnOf(STACK))) + 1) * 4096 - 8;
    frames.u64[stack >> 3] = CALLER + 10n;
    cpu.state.setReg(RSP, STACK + 0xff8n);
    const exit = cpu.run(1_000_000);
    return { exit, eax: cpu.state.reg(0) };
  };
  return { frameWith, parent, child, cpu, run };
}

/** The child's callee becomes another frame's code. */
function remap({ cpu, child, frameWith }: ReturnType<typeof machine>, n: number): void {
  child.unmap(vpnOf(CALLEE));
  child.map(vpnOf(CALLEE), frameWith(calleeCode(n)), BITS);
  cpu.invalidatePage(child.cr3, CALLEE);
}

test.each(['the parent runs', 'the child runs'])('a callee that is mapped anew in the child, while %s', (who) => {
  const m = machine();
  const { cpu, parent, child, run } = m;
  expect(run(parent).eax).toBe(TURNS);
  cpu.cloneAddressSpace(parent.cr3, child.cr3);
  const { regions } = cpu.counters;
  expect(run(child)).toEqual({ exit: { kind: 'syscall' }, eax: TURNS });
  expect(cpu.counters.regions, 'the child has to translate nothing').toBe(regions);
  if (who === 'the parent runs') cpu.switchTo(parent.cr3);
  remap(m, 5);
  for (let turn = 0; turn < 3; turn++) {
    expect(run(parent).eax).toBe(TURNS);
    expect(run(child).eax).toBe(5n * TURNS);
  }
  const { misses } = cpu.counters;
  expect(run(parent).eax).toBe(TURNS);
  expect(run(child).eax).toBe(5n * TURNS);
  expect(cpu.counters.misses - misses, 'jumps find the code they go to').toBeLessThan(10);
});

test('a callee that is no longer mapped is a fault of the fetch, in the child alone', () => {
  const { cpu, parent, child, run } = machine();
  expect(run(parent).eax).toBe(TURNS);
  cpu.cloneAddressSpace(parent.cr3, child.cr3);
  child.unmap(vpnOf(CALLEE));
  cpu.invalidatePage(child.cr3, CALLEE);
  expect(run(child).exit).toMatchObject({ kind: 'pageFault', address: CALLEE });
  expect(run(parent)).toEqual({ exit: { kind: 'syscall' }, eax: TURNS });
});

test.each([
  ['decoded', 1n],
  ['translated', TURNS],
])(
  'code that the child alone has mapped and %s is a fault of the fetch for the parent, sooner or later',
  (_, turns) => {
    const { cpu, parent, child, run } = machine();
    parent.unmap(vpnOf(CALLEE));
    cpu.cloneAddressSpace(parent.cr3, child.cr3);
    run(child, CALLEE);
    for (let i = 0n; i < turns; i++) run(child, CALLEE);
    let fault: unknown;
    for (let i = 0; i < 100 && fault === undefined; i++) {
      cpu.switchTo(parent.cr3);
      cpu.state.rip = CALLEE;
      const exit = cpu.run(1);
      if (exit.kind !== 'budget') fault = exit;
    }
    expect(fault).toMatchObject({ kind: 'pageFault', address: CALLEE });
  },
);

test('after the invalidations of a fork the child still has the translations and their links', () => {
  const { cpu, parent, child, run } = machine();
  expect(run(parent).eax).toBe(TURNS);
  cpu.cloneAddressSpace(parent.cr3, child.cr3);
  cpu.invalidateAll(parent.cr3);
  cpu.invalidateAll(child.cr3);
  const { misses, regions } = cpu.counters;
  expect(run(child).eax).toBe(TURNS);
  expect(run(parent).eax).toBe(TURNS);
  expect(cpu.counters.misses - misses).toBeLessThan(10);
  expect(cpu.counters.regions).toBe(regions);
});

test('a jump target that was translated here before another address space first jumped to it', () => {
  const { cpu, parent, child, run } = machine();
  for (let turn = 0; turn < 60; turn++) expect(run(child, CALLEE)).toEqual({ exit: { kind: 'syscall' }, eax: 1n });
  expect(run(parent).eax).toBe(TURNS);
  const { misses } = cpu.counters;
  expect(run(child).eax).toBe(TURNS);
  expect(cpu.counters.misses - misses).toBeLessThan(10);
});

test.each(['the parent', 'the child'])('code of a page that %s maps after the fork is not for the other', (who) => {
  const LATER = 0x40_2000n;
  const { cpu, parent, child, run, frameWith } = machine();
  expect(run(parent).eax).toBe(TURNS);
  cpu.cloneAddressSpace(parent.cr3, child.cr3);
  const [one, other] = who === 'the parent' ? [parent, child] : [child, parent];
  one.map(vpnOf(LATER), frameWith(calleeCode(3)), BITS);
  // Once by itself, and often enough to be translated.
  for (let turn = 0; turn < 100; turn++) expect(run(one, LATER)).toEqual({ exit: { kind: 'syscall' }, eax: 3n });
  expect(run(other, LATER).exit).toMatchObject({ kind: 'pageFault', address: LATER });
  expect(run(other).eax).toBe(TURNS);
  expect(run(one, LATER).eax).toBe(3n);
});

test('code that was translated once more, with a page that its indirect jump leads to, goes when that page is written', () => {
  const frames = new Frames(1 << 22);
  const table = PageTable.create(frames)!;
  const map = (address: bigint, code: string): number => {
    const pfn = frames.allocate()!;
    frames.u8.set(Buffer.from(code.replaceAll(' ', ''), 'hex'), pfn * 4096);
    table.map(vpnOf(address), pfn, BITS);
    return pfn;
  };
  // again: jmp [rbx + rcx % 8 * 8]; back: dec rcx; jnz again; syscall
  const caller = map(CALLER, '89ca 83e207 ff24d3 48ffc9 75f3 0f05');
  const far = map(CALLEE, '');
  const targets = map(STACK, '');
  // A target: add eax, 1; jmp back
  const putTarget = (pfn: number, page: bigint, offset: number): bigint => {
    const at = page + BigInt(offset);
    const code = Buffer.from('83c001e900000000', 'hex');
    code.writeInt32LE(Number(CALLER + 8n - (at + 8n)), 4);
    frames.u8.set(code, pfn * 4096 + offset);
    return at;
  };
  const near = putTarget(caller, CALLER, 0x100);
  const others = Array.from({ length: 8 }, (_, i) => putTarget(far, CALLEE, i * 16));
  const pointTo = (all: readonly bigint[]): void => frames.u64.set(all, targets * 512);
  const cpu = new Cpu(frames);
  cpu.switchTo(table.cr3);
  const run = (): bigint => {
    cpu.state.rip = CALLER;
    cpu.state.setReg(0, 0n);
    cpu.state.setReg(RCX, TURNS);
    cpu.state.setReg(3, STACK);
    expect(cpu.run(1_000_000)).toEqual({ kind: 'syscall' });
    return cpu.state.reg(0);
  };
  pointTo(others.map(() => near));
  expect(run()).toBe(TURNS);
  const { regions } = cpu.counters;
  pointTo(others);
  for (let i = 0; i < 5; i++) expect(run()).toBe(TURNS);
  expect(cpu.counters.regions).toBeGreaterThan(regions);
  for (let i = 0; i < 8; i++) frames.write(far as never, i * 16 + 2, new Uint8Array([3]));
  for (let i = 0; i < 5; i++) expect(run()).toBe(3n * TURNS);
});

test('code that was decoded but never translated is not decoded again for another address space', () => {
  const { cpu, parent, child, run } = machine();
  run(parent, CALLER, 2n);
  run(parent, CALLER, 2n);
  const { regions, decodedBlocks } = cpu.counters;
  expect(decodedBlocks).toBeGreaterThan(0);
  expect(run(child, CALLER, 2n).eax).toBe(2n);
  expect(run(child, CALLER, 2n).eax).toBe(2n);
  expect(cpu.counters).toMatchObject({ regions, decodedBlocks });
});
