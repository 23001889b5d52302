/** pml4's side of a vector: frames and page tables laid out as the harness lays out its pages, and the comparison. */
import { type Pfn, vpnOf } from '../../src/base/ints.ts';
import type { ExceptionVector as ExceptionName } from '../../src/cpu/builder.ts';
import type { Exit } from '../../src/cpu/exit.ts';
import { DF, flagsImage, fopOf, IF, KIND_PACKED } from '../../src/cpu/flags.ts';
import { CpuState, REG_NAMES, STATE } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { PF_PRESENT } from '../../src/mem/mmu.ts';
import { BIT_A, BIT_D, BIT_NX, BIT_P, BIT_RW, BIT_US, PageTable } from '../../src/mem/page-table.ts';
import type { Vector } from './vector-file.ts';
import { background, CODE_AT, CODE_BYTES, DATA_AT, DATA_BYTES, DEFAULT_MXCSR, FLAGS_MASK, initialX87, RW_BYTES, TRAP_RETIRED } from './wire.ts'; // biome-ignore format: one line

const PAGE = 4096;
const BACKGROUND = background();
const NO_HALF = new Uint8Array(16);
const FRESH_X87 = initialX87();
const SEEN = BIT_P | BIT_US | BIT_A;

/** One page table with the harness's pages. Pages beside each other are not frames beside each other: an access across their border must see both. */
export class TestMachine {
  readonly frames = new Frames(16 * 1024 * 1024);
  readonly state = new CpuState(this.frames);
  readonly cr3: number;
  private readonly _data: readonly Pfn[];
  private readonly _code: readonly Pfn[];

  constructor() {
    const table = PageTable.create(this.frames);
    if (!table) throw new Error('no frame for a page table');
    this.cr3 = table.cr3;
    const pages = (at: bigint, bytes: number, bits: (index: number) => number): readonly Pfn[] => {
      const count = bytes / PAGE;
      const spare = Array.from({ length: count }, () => this.frames.allocate());
      return Array.from({ length: count }, (_, index) => {
        const pfn = spare[count - 1 - index];
        if (pfn === undefined || !table.map(vpnOf(at + BigInt(index * PAGE)), pfn, bits(index)))
          throw new Error('full');
        return pfn;
      });
    };
    table.ensure(vpnOf(DATA_AT));
    this._data = pages(DATA_AT, DATA_BYTES, (i) => SEEN | BIT_NX | (i < RW_BYTES / PAGE ? BIT_RW | BIT_D : 0));
    table.ensure(vpnOf(CODE_AT));
    this._code = pages(CODE_AT, CODE_BYTES, () => SEEN);
    this.state.setU32(STATE.cr3, table.cr3);
  }

  private _page(pfn: Pfn): Uint8Array {
    return this.frames.u8.subarray(pfn * PAGE, (pfn + 1) * PAGE);
  }
  private _write(pages: readonly Pfn[], bytes: Uint8Array): void {
    for (const [index, pfn] of pages.entries()) {
      this.frames.codeFrameChanges(pfn);
      this._page(pfn).set(bytes.subarray(index * PAGE, (index + 1) * PAGE));
    }
  }
  /** What the data pages hold. */
  data(): Uint8Array {
    const bytes = new Uint8Array(DATA_BYTES);
    for (const [index, pfn] of this._data.entries()) bytes.set(this._page(pfn), index * PAGE);
    return bytes;
  }

  /** Code, registers, flags and memory as the vector begins. */
  load(vector: Vector): void {
    const { before } = vector;
    const code = new Uint8Array(CODE_BYTES).fill(0xcc);
    code.set(before.code, Number(before.rip - CODE_AT));
    this._write(this._code, code);
    this.rewind(vector);
  }

  /** Registers, flags and memory as the vector begins. Its code is there, and what was made of it stays. */
  rewind({ before }: Vector): void {
    const { state } = this;
    const data = BACKGROUND.slice();
    for (const { at, bytes } of before.patches) data.set(bytes, at);
    this._write(this._data, data);
    for (let i = 0; i < 16; i++) state.setReg(i, before.gpr[i]);
    state.rip = before.rip;
    state.setU32(STATE.fop, fopOf(KIND_PACKED, 8));
    state.setU32(STATE.fc, before.flags & 1);
    state.setU64(STATE.fx, BigInt(before.flags & FLAGS_MASK & ~DF & ~1));
    state.setU64(STATE.fy, 0n);
    state.setU32(STATE.rflagsRest, IF | (before.flags & DF));
    state.setU32(STATE.mxcsr, before.vector?.mxcsr ?? DEFAULT_MXCSR);
    for (let n = 0; n < 16 && before.vector; n++)
      this.frames.u8.set(before.vector.xmm.subarray(16 * n, 16 * n + 16), STATE.ymm + 32 * n);
    for (let n = 0; n < 16; n++)
      this.frames.u8.set(before.vector?.ymmHigh?.subarray(16 * n, 16 * n + 16) ?? NO_HALF, STATE.ymm + 32 * n + 16);
    this.frames.u8.fill(0, STATE.x87, STATE.end);
    state.setFxImage(before.vector?.x87 ?? FRESH_X87);
    state.fsBase = before.fsBase;
    state.gsBase = before.gsBase;
  }

  xmm(n: number): Uint8Array {
    return this.frames.u8.subarray(STATE.ymm + 32 * n, STATE.ymm + 32 * n + 16);
  }
  ymmHigh(n: number): Uint8Array {
    return this.frames.u8.subarray(STATE.ymm + 32 * n + 16, STATE.ymm + 32 * n + 32);
  }
  /** As an FXSAVE image has it. */
  x87(): Uint8Array {
    return this.state.fxImage();
  }

  flags(): number {
    const { state } = this;
    const image = flagsImage(state.u32(STATE.fop), state.u64(STATE.fx), state.u64(STATE.fy), state.u32(STATE.fc));
    return image | (state.u32(STATE.rflagsRest) & DF);
  }
}

export interface Outcome {
  readonly exit: Exit;
  /** Instructions. */
  readonly retired: number;
}

/** Runs the vector's instructions on a loaded machine, `before.maxSteps` of them at most. */
export type RunCase = (machine: TestMachine, vector: Vector) => Outcome;

const TRAPS: Readonly<Record<number, ExceptionName>> = { 0: 'DE', 1: 'DB', 3: 'BP', 4: 'OF', 5: 'BR', 6: 'UD', 12: 'SS', 13: 'GP', 16: 'MF', 17: 'AC', 19: 'XM' }; // biome-ignore format: one table
const hex = (x: bigint | number): string => `0x${x.toString(16)}`;
/** As one number, the highest byte first. */
const hexBytes = (bytes: Uint8Array): string => Buffer.from(bytes.toReversed()).toString('hex');
const FLAG_LETTERS: readonly (readonly [number, string])[] = [[0x800, 'o'], [0x400, 'd'], [0x80, 's'], [0x40, 'z'], [0x10, 'a'], [4, 'p'], [1, 'c']]; // biome-ignore format: one table
export const describeFlags = (flags: number): string =>
  FLAG_LETTERS.map(([bit, letter]) => (flags & bit ? letter : '-')).join('');

function describeExit(exit: Exit): string {
  if (exit.kind === 'pageFault') return `#PF at ${hex(exit.address)}, error ${exit.errorCode}`;
  if (exit.kind === 'exception') return `#${exit.vector}, error ${exit.errorCode}`;
  return exit.kind;
}

/** What the CPU's result is called as an Exit. */
function expectedExit({ after }: Vector): Exit {
  const { trap, cr2, errorCode } = after;
  if (trap === TRAP_RETIRED) return { kind: 'budget' };
  if (trap === 14) return { kind: 'pageFault', address: cr2, errorCode };
  return { kind: 'exception', vector: TRAPS[trap] ?? 'UD', errorCode };
}

/** Linux's TASK_SIZE: beyond it, it reports faults as if the page were present, to hide its own mappings. */
const USER_END = (1n << 47n) - 4096n;

/** An exit as it is compared. #SS, for non-canonical addresses by RSP or RBP, is #GP here: a known gap. */
function plain(exit: Exit): string {
  if (exit.kind === 'pageFault' && exit.address >= USER_END)
    return describeExit({ ...exit, errorCode: exit.errorCode & ~PF_PRESENT });
  return describeExit(exit.kind === 'exception' && exit.vector === 'SS' ? { ...exit, vector: 'GP' } : exit);
}

/** Fields of an x87 image beside its registers. */
const X87_FIELDS = [['fcw', 0, 2], ['fsw', 2, 2], ['ftw', 4, 1], ['fop', 6, 2], ['fip', 8, 8], ['fdp', 16, 8]] as const; // biome-ignore format: a table
const X87_REGISTERS = 32;

/** Whether it is a transcendental instruction: those may be an ulp off, and C1, which tells of the last bit, with it. */
const isTranscendental = (code: Uint8Array): boolean =>
  code.at(-2) === 0xd9 && [0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff].includes(code.at(-1) ?? 0);
const X87_C1 = 0x02, X87_PE = 0x20; // biome-ignore format: one line
/** The image with registers of `want` where those are an ulp away, and with its C1 if both say that the result is inexact. */
function roundedAs(want: Uint8Array, have: Uint8Array): Uint8Array {
  const same = Uint8Array.from(have);
  if (want[2] & have[2] & X87_PE) same[3] = (have[3] & ~X87_C1) | (want[3] & X87_C1);
  const view = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset);
  // The integer bit is left out: one more than the largest fraction is the next exponent.
  const order = (image: Uint8Array, at: number): bigint =>
    (BigInt(view(image).getUint16(at + 8, true)) << 63n) | (view(image).getBigUint64(at, true) & ~(1n << 63n));
  for (let at = X87_REGISTERS; at < X87_REGISTERS + 128; at += 16) {
    const distance = order(want, at) - order(have, at);
    if (distance >= -1n && distance <= 1n) same.set(want.subarray(at, at + 10), at);
  }
  return same;
}

function compareX87(want: Uint8Array, have: Uint8Array, say: (what: string, want: string, have: string) => void): void {
  const compare = (name: string, at: number, bytes: number) => {
    const [wanted, found] = [want, have].map((image) => hexBytes(image.subarray(at, at + bytes)));
    if (wanted !== found) say(name, wanted, found);
  };
  for (const [name, at, bytes] of X87_FIELDS) compare(name, at, bytes);
  for (let n = 0; n < 8; n++) compare(`st${n}`, X87_REGISTERS + 16 * n, 10);
}

/** Differences between what the machine holds and what the CPU did, as text; none when it passes. */
export function differences(machine: TestMachine, vector: Vector, { exit, retired }: Outcome): string[] {
  const { after, before, undefinedFlags } = vector;
  const found: string[] = [];
  const say = (what: string, want: string, have: string) => found.push(`${what} is ${have}, not ${want}`);
  const expected = expectedExit(vector);
  if (plain(expected) !== plain(exit)) say('exit', plain(expected), plain(exit));
  if (retired !== vector.retired) say('count of retired instructions', `${vector.retired}`, `${retired}`);
  const { state } = machine;
  for (let i = 0; i < 16; i++)
    if (state.reg(i) !== after.gpr[i]) say(REG_NAMES[i], hex(after.gpr[i]), hex(state.reg(i)));
  if (state.rip !== after.rip) say('rip', hex(after.rip), hex(state.rip));
  const flags = machine.flags();
  const wrong = (flags ^ after.flags) & FLAGS_MASK & ~undefinedFlags;
  if (wrong)
    found.push(`flags are ${describeFlags(flags)}, not ${describeFlags(after.flags)}: ${describeFlags(wrong)}`);
  if (state.fsBase !== after.fsBase) say('fs base', hex(after.fsBase), hex(state.fsBase));
  if (state.gsBase !== after.gsBase) say('gs base', hex(after.gsBase), hex(state.gsBase));
  if (after.vector) {
    for (let n = 0; n < 16; n++) {
      const [wantXmm, haveXmm] = [after.vector.xmm.subarray(16 * n, 16 * n + 16), machine.xmm(n)];
      if (Buffer.compare(wantXmm, haveXmm) !== 0) say(`xmm${n}`, hexBytes(wantXmm), hexBytes(haveXmm));
      const wantHigh = after.vector.ymmHigh?.subarray(16 * n, 16 * n + 16);
      if (wantHigh && Buffer.compare(wantHigh, machine.ymmHigh(n)) !== 0)
        say(`upper half of ymm${n}`, hexBytes(wantHigh), hexBytes(machine.ymmHigh(n)));
    }
    const { x87 } = after.vector;
    if (x87) compareX87(x87, isTranscendental(before.code) ? roundedAs(x87, machine.x87()) : machine.x87(), say);
    const mxcsr = state.u32(STATE.mxcsr);
    if (mxcsr !== after.vector.mxcsr) say('mxcsr', hex(after.vector.mxcsr), hex(mxcsr));
  }
  const want = BACKGROUND.slice();
  for (const { at, bytes } of [...before.patches, ...after.writes]) want.set(bytes, at);
  const have = machine.data();
  if (Buffer.compare(want, have) !== 0) {
    const at = want.findIndex((byte, index) => byte !== have[index]);
    say(`memory at ${hex(DATA_AT + BigInt(at))}`, hex(want[at]), hex(have[at]));
  }
  return found;
}
