/**
 * The CPU's registers as fields of the machine's WebAssembly.Memory, below the first frame. Translated code loads and
 * stores them there; this class is how TypeScript reads and writes them. Offsets are in bytes from STATE_BASE.
 *
 * Flags are lazy. The last operation that set them is kept, and the flags are computed when somebody asks:
 * ```
 *   fop  what it was: kind and width (KIND_* of cpu/flags.ts)
 *   fx   first operand, or the result (see the kind)
 *   fy   second operand, or OF and AF
 *   fc   CF as 0 or 1, apart, since INC, DEC, BT, ... change all others or only this one; valid whenever `run` has
 *        returned, while translated code may leave it to be computed (FOP_CARRY)
 * ```
 * DF and the flags that arithmetic does not touch are in `rflagsRest`.
 */
import { invariant } from '../base/invariant.ts';
import type { Frames } from '../mem/frames.ts';
import { STATE_BASE } from '../mem/layout.ts';

export const REG_NAMES = [
  'rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi',
  'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15',
] as const; // biome-ignore format: two rows of eight, by encoding
export type RegName = (typeof REG_NAMES)[number];
export const RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7; // biome-ignore format: by encoding

export const STATE = {
  regs: STATE_BASE,
  rip: STATE_BASE + 128,
  fop: STATE_BASE + 136,
  fc: STATE_BASE + 140,
  fx: STATE_BASE + 144,
  fy: STATE_BASE + 152,
  /** DF (bit 10), TF, NT, AC, ID and IF, at their places in RFLAGS; bit 1 is added when the image is made. */
  rflagsRest: STATE_BASE + 160,
  cr3: STATE_BASE + 164,
  fsBase: STATE_BASE + 168,
  gsBase: STATE_BASE + 176,
  /** Instructions that may still run before `run` returns. Signed 32 bits. */
  budget: STATE_BASE + 184,
  /** Why translated code came back: EXIT_* of cpu/exit-codes.ts; valid when it returned EXITED. */
  exitKind: STATE_BASE + 192,
  exitVector: STATE_BASE + 196,
  exitErrorCode: STATE_BASE + 200,
  exitAddress: STATE_BASE + 208,
  /** The time-stamp counter, in retired instructions: where it will be once the budget is spent; for the cold tier, now. */
  tscBase: STATE_BASE + 216,
  mxcsr: STATE_BASE + 224,
  tlbFilled: STATE_BASE + 228,
  /** Pages that the TLB did not have, u64: cpu/counters.ts. */
  tlbFills: STATE_BASE + 232,
  /** What RDRAND and RDSEED answer next follows from it, u64; of the processor, not of a task. */
  random: STATE_BASE + 240,
  /** Sixteen vector registers of 32 bytes. */
  ymm: STATE_BASE + 512,
  /** x87: isa/x87-common.ts. */
  x87: STATE_BASE + 1024,
  end: STATE_BASE + 2048,
} as const;

/** Of the x87 part of an FXSAVE image: its length, where the registers are, and how far apart. */
const FX_BYTES = 160, FX_REGISTERS = 32, FX_STRIDE = 16; // biome-ignore format: one line

/** A saved copy of everything that belongs to one task: registers, flags, segment bases, vector and x87 state. */
export type CpuContext = Uint8Array<ArrayBuffer>;

/** The machine's memory, or as much of it as holds the state. */
type StateMemory = Pick<Frames, 'u8' | 'u32' | 'u64'>;

export class CpuState {
  private readonly _frames: StateMemory;
  private _view: Uint8Array | undefined;
  /** What the view is a part of: another one when memory has grown. */
  private _viewed: Uint8Array | undefined;
  private readonly _kept: number[] = [];
  constructor(frames: StateMemory) {
    this._frames = frames;
  }
  /** The state that a context holds, in place: what is set there is set in the context. */
  static of(context: CpuContext): CpuState {
    const { buffer, byteOffset, byteLength } = context;
    return new CpuState({
      u8: context,
      u32: new Uint32Array(buffer, byteOffset, byteLength >> 2),
      u64: new BigUint64Array(buffer, byteOffset, byteLength >> 3),
    });
  }
  reg(index: number): bigint {
    return this._frames.u64[(STATE.regs >> 3) + index];
  }
  setReg(index: number, value: bigint): void {
    this._frames.u64[(STATE.regs >> 3) + index] = value;
  }
  /** The same with a whole number, negative ones as in two's complement; no bigint is made. */
  setRegNumber(index: number, value: number): void {
    this.setU32(STATE.regs + index * 8, value);
    this.setU32(STATE.regs + index * 8 + 4, Math.floor(value / 2 ** 32));
  }
  u64(offset: number): bigint {
    return this._frames.u64[offset >> 3];
  }
  setU64(offset: number, value: bigint): void {
    this._frames.u64[offset >> 3] = value;
  }
  u32(offset: number): number {
    return this._frames.u32[offset >> 2];
  }
  setU32(offset: number, value: number): void {
    this._frames.u32[offset >> 2] = value;
  }
  get rip(): bigint {
    return this.u64(STATE.rip);
  }
  set rip(value: bigint) {
    this.setU64(STATE.rip, value);
  }
  /** RIP as a number, exact below 2^53; no bigint is made. */
  get ripNumber(): number {
    return this.u32(STATE.rip) + this.u32(STATE.rip + 4) * 2 ** 32;
  }
  get fsBase(): bigint {
    return this.u64(STATE.fsBase);
  }
  set fsBase(value: bigint) {
    this.setU64(STATE.fsBase, value);
  }
  get gsBase(): bigint {
    return this.u64(STATE.gsBase);
  }
  set gsBase(value: bigint) {
    this.setU64(STATE.gsBase, value);
  }
  /** The x87 part of an FXSAVE image, 160 bytes, with zeros for MXCSR. */
  fxImage(): Uint8Array<ArrayBuffer> {
    const image = this._frames.u8.slice(STATE.x87, STATE.x87 + FX_BYTES);
    for (let i = 0; i < 8; i++)
      image.set(this._frames.u8.subarray(this._stackAt(i), this._stackAt(i) + FX_STRIDE), FX_REGISTERS + FX_STRIDE * i);
    return image;
  }
  setFxImage(image: Uint8Array): void {
    this._frames.u8.set(image.subarray(0, FX_REGISTERS), STATE.x87);
    for (let i = 0; i < 8; i++) {
      const from = FX_REGISTERS + FX_STRIDE * i;
      this._frames.u8.fill(0, this._stackAt(i) + 10, this._stackAt(i) + FX_STRIDE);
      this._frames.u8.set(image.subarray(from, from + 10), this._stackAt(i));
    }
  }
  /** Where ST(i) is. */
  private _stackAt(i: number): number {
    const top = (this._frames.u8[STATE.x87 + 3] >> 3) & 7;
    return STATE.x87 + FX_REGISTERS + FX_STRIDE * ((top + i) & 7);
  }
  /** What belongs to the running task, to be put back by `restore` when it runs again. CR3 is not part of it. */
  save(): CpuContext {
    return this._frames.u8.slice(STATE_BASE, STATE.end);
  }
  /** The same into a context that is there already, for switches from one task to the next. */
  saveTo(context: CpuContext): void {
    context.set(this._bytes());
  }
  restore(context: CpuContext): void {
    const bytes = this._bytes();
    invariant(context.length === bytes.length, 'context of another layout');
    const { u32 } = this._frames;
    for (let i = 0; i < SHARED.length; i++) this._kept[i] = u32[SHARED[i]];
    bytes.set(context);
    for (let i = 0; i < SHARED.length; i++) u32[SHARED[i]] = this._kept[i];
  }
  /** For a snapshot of the machine, what `save` has given: all but what belongs to the run at hand, the TLB's count and the budget. */
  restoreAll(saved: CpuContext): void {
    const { u32 } = this._frames;
    const kept = OF_THE_RUN.map((index) => u32[index]);
    this._bytes().set(saved);
    for (const [i, index] of OF_THE_RUN.entries()) u32[index] = kept[i];
  }
  /** The state's part of memory. */
  private _bytes(): Uint8Array {
    const { u8 } = this._frames;
    if (this._view !== undefined && this._viewed === u8) return this._view;
    this._viewed = u8;
    this._view = u8.subarray(STATE_BASE, STATE.end);
    return this._view;
  }
}

/** Words of the TLB and of the call into translated code: where they are in Frames.u32. */
const OF_THE_RUN = [STATE.budget, STATE.tlbFilled, STATE.tlbFills, STATE.tlbFills + 4].map((offset) => offset >> 2);
/** Words that belong to no task. */
const SHARED = [...OF_THE_RUN, ...[STATE.cr3, STATE.random, STATE.random + 4].map((offset) => offset >> 2)];
