/**
 * The cold tier: a Builder that computes at once, on the CPU state and memory. Code that runs a few times needs no
 * WebAssembly this way, and has the same meaning. Its arithmetic is in cpu/eval-values.ts.
 */

import { invariant } from '../base/invariant.ts';
import type { Frames } from '../mem/frames.ts';
import type { Alignment, Bool, Builder, ExceptionVector, FlagName, FloatLetter, FloatOperation, FloatValue, LateArgs, LateResult, Val, Vec, VectorOpArgs, VectorOpResult, Width } from './builder.ts'; // biome-ignore format: a long list
import { cpuid } from './cpuid.ts';
import { big, bool, EvalValues, MASKS, num, toBig, u64, val } from './eval-values.ts';
import { EXIT_EXCEPTION, VECTORS } from './exit-codes.ts';
import {
  AF, CF, DF, FLAG_BIT, type FlagKind, flagsImage, fopOf, KIND_ADD, KIND_DEC, KIND_INC, KIND_MUL, KIND_ORDER, KIND_PACKED, KIND_RESULT,
  KIND_SUB, OF, orderFlags, PF, RFLAGS_FIXED, SF, USER_FLAGS, ZF,
} from './flags.ts'; // biome-ignore format: a long list
import { LANES_RAISE, operandAt, resultAt } from './float/area.ts';
import type { Insn } from './isa/define.ts';
import type { CpuLevel } from './isa/features.ts';
import type { MemOperand, Operand } from './isa/operand.ts';
import type { LateFunc } from './late-defs.ts';
import type { LateFuncs } from './late-funcs.ts';
import { type CpuState, RAX, RBX, RCX, RDX, STATE } from './state.ts';
import { VectorEval } from './vector-eval.ts';
import type { VectorOp } from './wasm/vector-ops.ts';

/** Guest memory by linear address (cpu/runtime.ts). -1 is a fault, which the port has described in the state's exit fields. */
export interface MemoryPort {
  /** Host offset of `bytes` bytes: where they are, or a copy of them when a page end is inside. */
  slowRead(address: bigint, bytes: number): number;
  /** The same, checked for writing. */
  slowReadForStore(address: bigint, bytes: number): number;
  /** 0 when all bytes have been stored; nothing is stored otherwise. */
  slowStore(address: bigint, value: bigint, bytes: number): number;
}

/** Is told of a single step's accesses to memory before they happen. It may change mappings, and refuse: the step ends without effect. */
export interface MemoryWatch {
  /** Also for the read half of a read-modify-write. */
  beforeRead(address: bigint, bytes: number): boolean;
  /** `at`: where the bytes are in Frames.u8. */
  afterRead(address: bigint, bytes: number, at: number): void;
  beforeWrite(address: bigint, bytes: number, value: bigint): boolean;
}

/**
 * `next`, `syscall`: retired, RIP is where control goes on. `exception`: raised by the instruction itself, `fault`: by a
 * memory access; the state's exit fields say which. `refused`: by the watch.
 */
export type Outcome = 'next' | 'syscall' | 'exception' | 'fault' | 'refused';

/** Thrown to leave an `emit` early. */
const STOP = { stops: 'an instruction that does not retire' };

/** As the width of a pending write: bits 8 to 15. */
const HIGH_BYTE = 9;
/** The same, of the halves of a vector register: the value is a slot. */
const XMM = 128;
const YMM_HIGH = 256;
const SHIFTS: Record<number, bigint> = { 1: 0n, 2: 1n, 4: 2n, 8: 3n };

const REGS64 = STATE.regs >> 3;
const REGS32 = STATE.regs >> 2;
const FOP = STATE.fop >> 2;
const FC = STATE.fc >> 2;
const FX32 = STATE.fx >> 2;
const FY32 = STATE.fy >> 2;
const REST = STATE.rflagsRest >> 2;

export class EvalBuilder extends EvalValues implements Builder {
  rip = 0n;
  nextRip = 0n;
  watch: MemoryWatch | undefined;
  private readonly _state: CpuState;
  private readonly _frames: Frames;
  private readonly _port: MemoryPort;
  private readonly _late: LateFuncs;
  private readonly _level: CpuLevel;
  private _u8: Uint8Array;
  private _u32: Uint32Array;
  private _u64: BigUint64Array;
  private _view: DataView;

  // What has been written but not taken effect.
  private _pending = 0;
  private readonly _registers: number[] = [];
  private readonly _widths: number[] = [];
  private readonly _values: Val[] = [];
  /** Flags to be: fop (-1: none, CARRY_ONLY: just CF) and its operands. */
  private _fop = -1;
  private _fx: Val = val(0);
  private _fy: Val = val(0);
  private _fc = 0;

  private _vectors: VectorEval | undefined;
  private _vectorsBegun = false;

  private _target = 0n;
  private _outcome: Outcome = 'next';
  private _operand: MemOperand | undefined;
  private _address = 0n;

  constructor(state: CpuState, frames: Frames, port: MemoryPort, late: LateFuncs, level: CpuLevel = 3) {
    super();
    this._late = late;
    this._level = level;
    this._state = state;
    this._frames = frames;
    this._port = port;
    this._u8 = frames.u8;
    this._u32 = frames.u32;
    this._u64 = frames.u64;
    this._view = new DataView(frames.u8.buffer);
  }

  /** Executes one instruction, decoded from the state's RIP, and moves RIP on. */
  execute(insn: Insn): Outcome {
    if (this._u8 !== this._frames.u8) this._refreshViews();
    this.rip = insn.rip;
    this.nextRip = insn.next;
    this._target = insn.next;
    this._outcome = 'next';
    this._pending = 0;
    this._fop = -1;
    this._operand = undefined;
    this._vectorsBegun = false;
    try {
      insn.def.emit(this, insn);
    } catch (reason) {
      if (reason !== STOP) throw reason;
      this._state.rip = this._target;
      return this._outcome;
    }
    this._commit(0);
    this._state.rip = this._target;
    return this._outcome;
  }

  private _refreshViews(): void {
    this._u8 = this._frames.u8;
    this._u32 = this._frames.u32;
    this._u64 = this._frames.u64;
    this._view = new DataView(this._u8.buffer);
    this._vectors?.refreshViews();
  }
  private _ask(isAllowed: boolean): void {
    if (this._u8 !== this._frames.u8) this._refreshViews();
    if (isAllowed) return;
    this._outcome = 'refused';
    this._target = this.rip;
    throw STOP;
  }
  private _beforeRead(address: bigint, bytes: number): void {
    if (this.watch !== undefined) this._ask(this.watch.beforeRead(address, bytes));
  }
  /** Checks and reports what has been read. */
  private _afterRead(address: bigint, bytes: number, at: number): number {
    if (at === -1) this._fault();
    const host = at >>> 0;
    this.watch?.afterRead(address, bytes, host);
    return host;
  }

  /** Lets the register writes from `start` on, and the flags, take effect. */
  private _commit(start: number): void {
    for (let i = start; i < this._pending; i++) {
      const register = this._registers[i];
      const value = this._values[i];
      switch (this._widths[i]) {
        case 64:
          this._u64[REGS64 + register] = big(value);
          break;
        case 32:
          this._u32[REGS32 + register * 2] = num(value);
          this._u32[REGS32 + register * 2 + 1] = 0;
          break;
        case 16:
          this._view.setUint16(STATE.regs + register * 8, num(value), true);
          break;
        case XMM:
        case YMM_HIGH: {
          const at = (STATE.ymm >> 3) + register * 4 + (this._widths[i] === XMM ? 0 : 2);
          for (const half of [0, 1] as const) this._u64[at + half] = this._vec().half(num(value), half);
          break;
        }
        case HIGH_BYTE:
          this._u8[STATE.regs + register * 8 + 1] = num(value);
          break;
        default:
          this._u8[STATE.regs + register * 8] = num(value);
      }
    }
    this._pending = start;
    const fop = this._fop;
    if (fop === -1) return;
    this._fop = -1;
    this._u32[FC] = this._fc;
    if (fop === CARRY_ONLY) return;
    this._u32[FOP] = fop;
    if ((fop & 3) === 3) {
      this._u64[STATE.fx >> 3] = big(this._fx);
      this._u64[STATE.fy >> 3] = big(this._fy);
    } else {
      this._u32[FX32] = num(this._fx);
      this._u32[FX32 + 1] = 0;
      this._u32[FY32] = num(this._fy);
      this._u32[FY32 + 1] = 0;
    }
  }

  // ---- operands, registers, memory ------------------------------------------------------------------------------------
  read(operand: Operand): Val {
    switch (operand.kind) {
      case 'reg':
        if (operand.high) return val(this._u8[STATE.regs + operand.reg * 8 + 1]);
        return this.readReg(operand.width, operand.reg);
      case 'imm':
        return operand.width === 64 ? val(operand.value) : val(Number(operand.value));
      case 'mem': {
        const width = operand.width as Width;
        const address = this.address(operand);
        return operand.access === 'rw' ? this.loadForStore(width, address) : this.load(width, address);
      }
      default:
        invariant(false, `read of a ${operand.kind} operand`);
    }
  }
  write(operand: Operand, value: Val): void {
    if (operand.kind === 'mem') this.store(operand.width as Width, this.address(operand), value);
    else if (operand.kind === 'reg') this._writeLater(operand.high ? HIGH_BYTE : operand.width, operand.reg, value);
    else invariant(false, `write to a ${operand.kind} operand`);
  }
  readReg(width: Width, register: number): Val {
    if (width === 64) return val(this._u64[REGS64 + register]);
    if (width === 32) return val(this._u32[REGS32 + register * 2]);
    return val(this._u32[REGS32 + register * 2] & MASKS[width]);
  }
  writeReg(width: Width, register: number, value: Val): void {
    this._writeLater(width, register, value);
  }
  private _writeLater(width: number, register: number, value: Val): void {
    const i = this._pending++;
    this._registers[i] = register;
    this._widths[i] = width;
    this._values[i] = value;
  }
  offset(operand: MemOperand): Val {
    let sum = operand.disp;
    if (operand.base !== undefined) sum += this._u64[REGS64 + operand.base];
    if (operand.index !== undefined) sum += this._u64[REGS64 + operand.index] << SHIFTS[operand.scale];
    return val(BigInt.asUintN(operand.addressWidth, sum));
  }
  address(operand: MemOperand): Val {
    if (this._operand === operand) return val(this._address);
    let address = big(this.offset(operand));
    const { segment } = operand;
    if (segment === 'fs' || segment === 'gs') address = u64(address + big(this.segmentBase(segment)));
    this._operand = operand;
    this._address = address;
    return val(address);
  }
  segmentBase(segment: 'fs' | 'gs'): Val {
    return val(this._u64[(segment === 'fs' ? STATE.fsBase : STATE.gsBase) >> 3]);
  }
  setSegmentBase(segment: 'fs' | 'gs', value: Val): void {
    this._u64[(segment === 'fs' ? STATE.fsBase : STATE.gsBase) >> 3] = big(value);
  }
  load(width: Width, address: Val): Val {
    this._beforeRead(big(address), width / 8);
    return this._fetch(width, address, this._port.slowRead(big(address), width / 8));
  }
  loadForStore(width: Width, address: Val): Val {
    // A watch learns of the store when it comes, with its value.
    if (this.watch !== undefined) return this.load(width, address);
    return this._fetch(width, address, this._port.slowReadForStore(big(address), width / 8));
  }
  private _fetch(width: Width, address: Val, at: number): Val {
    const host = this._afterRead(big(address), width / 8, at);
    if (width === 64) return val(this._view.getBigUint64(host, true));
    if (width === 32) return val(this._view.getUint32(host, true));
    return width === 16 ? val(this._view.getUint16(host, true)) : val(this._u8[host]);
  }
  store(width: Width, address: Val, value: Val): void {
    if (this.watch !== undefined) this._ask(this.watch.beforeWrite(big(address), width / 8, toBig(width, value)));
    if (this._port.slowStore(big(address), toBig(width, value), width / 8) === -1) this._fault();
  }
  probe(address: Val, bytes: number): void {
    if (this._port.slowReadForStore(big(address), bytes) === -1) this._fault();
  }

  callRuntime<K extends LateFunc>(name: K, ...args: LateArgs<K>): LateResult<K> {
    const inSlots = this._late.getWithSlots(name);
    if (inSlots) return this._vec().call(inSlots, args as unknown as (number | bigint)[]) as unknown as LateResult<K>;
    const func = this._late.get(name) as (...args: Val[]) => number | bigint | undefined;
    const result = func(...(args as unknown as Val[]));
    if (result === undefined) return undefined as LateResult<K>;
    return val(typeof result === 'number' ? result >>> 0 : u64(result)) as unknown as LateResult<K>;
  }

  // ---- vectors and floating point ------------------------------------------------------------------------------------
  private _vec(): VectorEval {
    const vectors = (this._vectors ??= new VectorEval(this._frames.memory));
    if (!this._vectorsBegun) {
      this._vectorsBegun = true;
      vectors.begin();
    }
    return vectors;
  }
  readXmm(register: number): Vec {
    return this._vec().load(STATE.ymm + 32 * register, 16) as unknown as Vec;
  }
  writeXmm(register: number, value: Vec): void {
    this._writeLater(XMM, register, value as unknown as Val);
  }
  readYmmHigh(register: number): Vec {
    return this._vec().load(STATE.ymm + 32 * register + 16, 16) as unknown as Vec;
  }
  writeYmmHigh(register: number, value: Vec): void {
    this._writeLater(YMM_HIGH, register, value as unknown as Val);
  }
  loadVec(bits: 32 | 64 | 128, address: Val, alignment: Alignment = 1): Vec {
    this._requireAligned(address, alignment);
    this._beforeRead(big(address), bits / 8);
    const at = this._afterRead(big(address), bits / 8, this._port.slowRead(big(address), bits / 8));
    return this._vec().load(at, bits / 8) as unknown as Vec;
  }
  private _requireAligned(address: Val, alignment: Alignment): void {
    this.raiseIf(bool((big(address) & BigInt(alignment - 1)) !== 0n), 'GP', 0);
  }
  storeVec(address: Val, value: Vec, alignment: Alignment = 1): void {
    this._requireAligned(address, alignment);
    this._storeVectors(address, [value]);
  }
  private _storeVectors(address: Val, values: readonly Vec[]): void {
    const halves = values.flatMap((value) =>
      [0, 1].map((n) => this._vec().half(value as unknown as number, n as 0 | 1)),
    );
    if (this.watch !== undefined) {
      const value = halves.reduceRight((high, low) => (high << 64n) | low);
      this._ask(this.watch.beforeWrite(big(address), 8 * halves.length, value));
    }
    this.probe(address, 8 * halves.length);
    for (const [n, half] of halves.entries()) this._port.slowStore(u64(big(address) + BigInt(8 * n)), half, 8);
  }
  loadWide(address: Val, alignment: Alignment = 1): { low: Vec; high: Vec } {
    this._requireAligned(address, alignment);
    this._beforeRead(big(address), 32);
    const at = this._afterRead(big(address), 32, this._port.slowRead(big(address), 32));
    const [low, high] = [0, 16].map((offset) => this._vec().load(at + offset, 16) as unknown as Vec);
    return { low, high };
  }
  storeWide(address: Val, low: Vec, high: Vec, alignment: Alignment = 1): void {
    this._requireAligned(address, alignment);
    this._storeVectors(address, [low, high]);
  }
  loadIf(condition: Bool, width: 32 | 64, address: Val): Val {
    return num(condition) !== 0 ? this.load(width, address) : this.const(width, 0);
  }
  vecConst(low: bigint, high: bigint): Vec {
    return this._vec().constant(low, high) as unknown as Vec;
  }
  vec<K extends VectorOp>(op: K, ...args: VectorOpArgs<K>): VectorOpResult<K> {
    return this._vec().operate(op, args as unknown as (number | bigint)[]) as unknown as VectorOpResult<K>;
  }
  shuffle(x: Vec, y: Vec, bytes: readonly number[]): Vec {
    return this._vec().shuffle(x as unknown as number, y as unknown as number, bytes) as unknown as Vec;
  }
  selectVec(condition: Bool, whenTrue: Vec, whenFalse: Vec): Vec {
    return num(condition) !== 0 ? whenTrue : whenFalse;
  }
  float<R extends FloatValue>({ func, option, operands, types, result, results }: FloatOperation<R>): readonly R[] {
    for (const [i, parts] of operands.entries())
      for (const [half, part] of parts.entries()) this._putOperand(types[i], operandAt(i, half), part);
    const compute = this._late.get(func) as (option: number) => number;
    if (compute(option) === LANES_RAISE) this.raise('XM');
    const count = results ?? operands[0].length;
    return Array.from({ length: count }, (_, part) => this._takeResult(result, resultAt(part))) as unknown as R[];
  }
  private _putOperand(letter: FloatLetter, at: number, value: FloatValue): void {
    if (letter === 'i') this._u32[at >> 2] = num(value as Val);
    else if (letter === 'l') this._u64[at >> 3] = big(value as Val);
    else this._vec().copyTo(at, value as unknown as number, letter);
  }
  private _takeResult(letter: FloatLetter, at: number): number | bigint {
    if (letter === 'i') return this._u32[at >> 2];
    if (letter === 'l') return this._u64[at >> 3];
    return this._vec().load(at, letter === 'v' ? 16 : letter === 'd' ? 8 : 4);
  }
  mxcsr(): Val {
    return val(this._u32[STATE.mxcsr >> 2]);
  }
  setMxcsr(value: Val): void {
    this._u32[STATE.mxcsr >> 2] = num(value);
  }
  readX87(offset: number): Val {
    return val(this._u64[(STATE.x87 + offset) >> 3]);
  }
  writeX87(offset: number, value: Val): void {
    this._u64[(STATE.x87 + offset) >> 3] = big(value);
  }

  // ---- flags -----------------------------------------------------------------------------------------------------------
  private _setFlags(kind: FlagKind, width: Width, fx: Val, fy: Val, fc: number): void {
    this._fop = fopOf(kind, width);
    this._fx = fx;
    this._fy = fy;
    this._fc = fc;
  }
  flagsAfterAdd(width: Width, x: Val, y: Val): void {
    const carry = width === 64 ? u64(big(x) + big(y)) < big(x) : num(x) + num(y) > MASKS[width];
    this._setFlags(KIND_ADD, width, x, y, carry ? 1 : 0);
  }
  flagsAfterSub(width: Width, x: Val, y: Val): void {
    this._setFlags(KIND_SUB, width, x, y, x < y ? 1 : 0);
  }
  flagsAfterLogic(width: Width, result: Val): void {
    this._setFlags(KIND_RESULT, width, result, val(width === 64 ? 0n : 0), 0);
  }
  flagsAfterInc(width: Width, result: Val): void {
    this._setFlags(KIND_INC, width, result, val(width === 64 ? 0n : 0), this._carry());
  }
  flagsAfterDec(width: Width, result: Val): void {
    this._setFlags(KIND_DEC, width, result, val(width === 64 ? 0n : 0), this._carry());
  }
  flagsAfterOrder(x: Val, y: Val): void {
    this._setFlags(KIND_ORDER, 64, x, y, orderFlags(big(x), big(y)) & CF);
  }
  flagsAfterMul(width: Width, x: Val, y: Val): void {
    const product = BigInt.asIntN(width, toBig(width, x)) * BigInt.asIntN(width, toBig(width, y));
    const lost = product === BigInt.asIntN(width, product) ? 0 : 1;
    this._setFlags(KIND_MUL, width, x, y, lost);
  }
  flagsFromResult(width: Width, result: Val, other: { c: Bool; o: Bool; a?: Bool }): void {
    const others = num(other.o) | (other.a === undefined ? 0 : num(other.a) << 4);
    this._setFlags(KIND_RESULT, width, result, val(width === 64 ? BigInt(others) : others), num(other.c));
  }
  setFlags(flags: Partial<Record<FlagName, Bool>>): void {
    const { c, ...others } = flags;
    const carry = c === undefined ? this._carry() : num(c);
    let image = -1;
    for (const name in others) {
      if (image === -1) image = this._image();
      const bit = FLAG_BIT[name as FlagName];
      image = num(flags[name as FlagName]!) !== 0 ? image | bit : image & ~bit;
    }
    if (image !== -1) this._setPacked(image, carry);
    else {
      if (this._fop === -1) this._fop = CARRY_ONLY;
      this._fc = carry;
    }
  }
  private _setPacked(image: number, carry: number): void {
    this._fop = KIND_PACKED * 4;
    this._fx = val(image & ~CF);
    this._fy = val(0);
    this._fc = carry;
  }
  /** CF as this instruction has left it so far. */
  private _carry(): number {
    return this._fop === -1 ? this._u32[FC] : this._fc;
  }
  /** OF to CF as this instruction has left them so far. */
  private _image(): number {
    if (this._fop === -1) return this._imageBefore();
    if (this._fop === CARRY_ONLY) return (this._imageBefore() & ~CF) | this._fc;
    return flagsImage(this._fop, BigInt(num(this._fx)), BigInt(num(this._fy)), this._fc); // BigInt() takes a bigint, too
  }
  private _imageBefore(): number {
    return flagsImage(this._u32[FOP], this._u64[STATE.fx >> 3], this._u64[STATE.fy >> 3], this._u32[FC]);
  }
  flag(name: FlagName): Bool {
    if (name === 'c') return val(this._u32[FC]);
    if (name === 'z') return bool(this._isZeroFlag());
    return bool((this._imageBefore() & FLAG_BIT[name]) !== 0);
  }
  private _isZeroFlag(): boolean {
    const u32 = this._u32;
    const kind = u32[FOP] >> 2;
    if (kind === KIND_SUB) return u32[FX32] === u32[FY32] && u32[FX32 + 1] === u32[FY32 + 1];
    if (kind === KIND_PACKED || kind === KIND_ADD || kind === KIND_ORDER) return (this._imageBefore() & ZF) !== 0;
    return (u32[FX32] | u32[FX32 + 1]) === 0;
  }
  condition(code: number): Bool {
    const holds = this._holds(code >> 1);
    return bool((code & 1) === 0 ? holds : !holds);
  }
  /** The even condition code 2 * `pair`. Comparisons, the most frequent by far, need no image of the flags. */
  private _holds(pair: number): boolean {
    const u32 = this._u32;
    if (pair === 1) return u32[FC] !== 0;
    if (pair === 2) return this._isZeroFlag();
    if (pair === 3) return u32[FC] !== 0 || this._isZeroFlag();
    if (pair >= 6 && u32[FOP] >> 2 === KIND_SUB) {
      const width = (8 << (u32[FOP] & 3)) as Width;
      const x = width === 64 ? val(this._u64[STATE.fx >> 3]) : val(u32[FX32]);
      const y = width === 64 ? val(this._u64[STATE.fy >> 3]) : val(u32[FY32]);
      return pair === 6 ? num(this.ltS(width, x, y)) !== 0 : num(this.ltS(width, y, x)) === 0;
    }
    const image = this._imageBefore();
    if (pair === 0) return (image & OF) !== 0;
    if (pair === 4) return (image & SF) !== 0;
    if (pair === 5) return (image & PF) !== 0;
    const less = ((image & SF) !== 0) !== ((image & OF) !== 0);
    return less || (pair === 7 && (image & ZF) !== 0);
  }
  rflags(): Val {
    return val(BigInt(this._imageBefore() | this._u32[REST] | RFLAGS_FIXED));
  }
  setRflags(value: Val): void {
    const image = Number(BigInt.asUintN(32, big(value)));
    this._setPacked(image & (OF | SF | ZF | AF | PF), image & CF);
    this._u32[REST] = (this._u32[REST] & ~USER_FLAGS) | (image & USER_FLAGS);
  }
  directionFlag(): Bool {
    return bool((this._u32[REST] & DF) !== 0);
  }
  setDirectionFlag(value: boolean): void {
    this._u32[REST] = value ? this._u32[REST] | DF : this._u32[REST] & ~DF;
  }

  // ---- control ---------------------------------------------------------------------------------------------------------
  if(condition: Bool, then: () => void, otherwise?: () => void): void {
    const arm = num(condition) !== 0 ? then : otherwise;
    if (arm === undefined) return;
    const start = this._pending;
    const [fop, fx, fy, fc] = [this._fop, this._fx, this._fy, this._fc];
    this._fop = -1;
    arm();
    this._commit(start);
    this._operand = undefined;
    [this._fop, this._fx, this._fy, this._fc] = [fop, fx, fy, fc];
  }
  repeat(what: { addressWidth: 32 | 64; turn: () => void; until?: () => Bool }): void {
    const { addressWidth, turn, until } = what;
    const one = val(addressWidth === 64 ? 1n : 1);
    for (;;) {
      const count = this.readReg(addressWidth, RCX);
      if (num(this.isZero(addressWidth, count)) !== 0) return;
      turn();
      this._writeLater(addressWidth, RCX, this.sub(addressWidth, count, one));
      this._commit(0);
      this._operand = undefined;
      if (until !== undefined && num(until()) !== 0) return;
    }
  }
  raise(vector: ExceptionVector, errorCode = 0): void {
    this._u32[STATE.exitKind >> 2] = EXIT_EXCEPTION;
    this._u32[STATE.exitVector >> 2] = VECTORS.indexOf(vector);
    this._u32[STATE.exitErrorCode >> 2] = errorCode;
    this._outcome = 'exception';
    // A trap comes after its instruction, a fault before it.
    this._target = vector === 'BP' || vector === 'OF' || vector === 'DB' ? this.nextRip : this.rip;
    throw STOP;
  }
  raiseIf(condition: Bool, vector: ExceptionVector, errorCode = 0): void {
    if (num(condition) !== 0) this.raise(vector, errorCode);
  }
  private _fault(): void {
    this._outcome = 'fault';
    this._target = this.rip;
    throw STOP;
  }

  // ---- where control goes next -----------------------------------------------------------------------------------------
  jump(target: bigint): void {
    this._target = target;
  }
  branch(condition: Bool, target: bigint): void {
    if (num(condition) !== 0) this._target = target;
  }
  jumpIndirect(target: Val): void {
    this._target = big(target);
  }
  call(target: bigint): void {
    this._target = target;
  }
  callIndirect(target: Val): void {
    this._target = big(target);
  }
  ret(target: Val): void {
    this._target = big(target);
  }
  syscall(): void {
    this._outcome = 'syscall';
  }

  // ---- the rest --------------------------------------------------------------------------------------------------------
  cpuid(): void {
    const leaf = cpuid(num(this.readReg(32, RAX)), num(this.readReg(32, RCX)), this._level);
    this.writeReg(32, RAX, val(leaf.eax));
    this.writeReg(32, RBX, val(leaf.ebx));
    this.writeReg(32, RCX, val(leaf.ecx));
    this.writeReg(32, RDX, val(leaf.edx));
  }
  timestamp(): Val {
    return val(this._u64[STATE.tscBase >> 3]);
  }
}

/** In place of fop: CF alone is to change. */
const CARRY_ONLY = -2;
