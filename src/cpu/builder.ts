/**
 * What an instruction's `emit` speaks to. Two builders implement it: WasmBuilder writes a region's WebAssembly,
 * EvalBuilder computes at once (the cold tier, for code that runs a few times). An instruction therefore has one
 * meaning, and both carry it out.
 *
 * Rules that make faults precise and both builders agree:
 * - **Reads see the state at the start of the instruction, writes take effect at its end**, all together. `xchg` is
 *   `write(a, y); write(b, x)`. Inside the arms of `if` and the body of `repeat` the same holds for that arm or turn:
 *   what an arm wrote takes effect when the arm ends.
 * - Stores to memory happen at once, in order. Nothing may fault after the first store: an instruction that stores
 *   twice calls `probe` first for the later ones.
 * - Registers and flags are written only after everything that can fault (in program order of the `emit`, or by the
 *   rule above, which does it by itself outside of `if` and `repeat`).
 *
 * A value is of width 8, 16, 32 or 64. Narrow values are always held zero-extended; every operation keeps that.
 * Truth values (`Bool`) are 0 or 1 and may be used as a value of width 8, 16 or 32.
 */

import type { CalmShape } from './calm-lanes.ts';
import type { LaneFuncName } from './float/lanes.ts';
import type { MemOperand, Operand } from './isa/operand.ts';
import type { LATE_FUNCS, LateFunc } from './late-defs.ts';
import type { F32, F64, V128 } from './wasm/code.ts';
import type { VECTOR_OPS, VectorOp } from './wasm/vector-ops.ts';

declare const valBrand: unique symbol;
/** An integer of the width that made it: opaque to `emit`. */
export interface Val {
  readonly [valBrand]: 'val';
}
/** 0 or 1; also a Val of width 8, 16 or 32. */
export interface Bool extends Val {
  readonly isBool?: true;
}

/** 128 bits. */
export interface Vec {
  readonly [valBrand]: 'v128';
}
/** One floating-point number, of a width that the operations on it say. */
export interface Float<W extends 32 | 64> {
  readonly [valBrand]: W;
}
interface VectorTypes {
  v: Vec;
  i: Val;
  l: Val;
  s: Float<32>;
  d: Float<64>;
  '#': number;
}
type VectorArgs<P extends string> = P extends `${infer Letter extends keyof VectorTypes}${infer Rest}`
  ? [VectorTypes[Letter], ...VectorArgs<Rest>]
  : [];
/** Parameters and result of an operation of wasm/vector-ops.ts: its i32 are Vals of width 32, its i64 of width 64. */
export type VectorOpArgs<K extends VectorOp> = VectorArgs<(typeof VECTOR_OPS)[K][1]>;
export type VectorOpResult<K extends VectorOp> = VectorTypes[(typeof VECTOR_OPS)[K][2]];

type ValueOfType<T> = T extends typeof V128
  ? Vec
  : T extends typeof F32
    ? Float<32>
    : T extends typeof F64
      ? Float<64>
      : Val;
type ValuesOf<P extends readonly unknown[]> = P extends readonly [infer T, ...infer Rest]
  ? [ValueOfType<T>, ...ValuesOf<Rest>]
  : [];
/** Parameters and result of Builder.callRuntime. */
export type LateArgs<K extends LateFunc> = ValuesOf<(typeof LATE_FUNCS)[K]['params']>;
export type LateResult<K extends LateFunc> = (typeof LATE_FUNCS)[K]['results'] extends readonly [infer T]
  ? ValueOfType<T>
  : undefined;

export type FloatValue = Vec | Float<32> | Float<64> | Val;
/** A floating-point operation with results of one type: see Builder.float and float/operations.ts. */
export interface FloatOperation<R extends FloatValue> {
  /** Of float/lanes.ts: the exact way, and its parameter. */
  readonly func: LaneFuncName;
  readonly option: number;
  /** Each in one or two parts of up to 128 bits; `types` are letters of VECTOR_OPS, one for each operand. */
  readonly operands: readonly (readonly FloatValue[])[];
  readonly types: readonly FloatLetter[];
  readonly result: FloatLetter;
  /** As many as the first operand has parts, if left out. */
  readonly results?: number;
  /** Results as WebAssembly computes them; undefined if it cannot. */
  readonly fast: (() => readonly R[]) | undefined;
  /** Conditions of which none holds where `fast` is right. */
  readonly unusual?: (results: readonly R[], known: FloatKnowledge) => readonly Bool[];
  /** Asked where one of them holds: whether `fast` is right after all. Must be false when it is not fast mode. */
  readonly harmless?: (results: readonly R[], known: FloatKnowledge) => Bool;
  /** Where none holds, or that one does, operands and results are calm: their shapes, for those for which it is true. */
  readonly calms?: { readonly operands?: CalmShape; readonly results?: CalmShape };
  /** Whether `fast` is right only while MXCSR says to round to nearest, and PE is set and masked. */
  readonly needsFastMode: boolean;
}
export interface FloatKnowledge {
  /** Whether it is neither denormal nor a NaN for certain. */
  isCalm(x: FloatValue, shape: CalmShape): boolean;
  /** A mask of cpu/float-mode.ts: with it, the condition holds whenever it is not fast mode. */
  exponents(shape: 'f32' | 'f64'): Val;
  exponents(shape: 'f32x4' | 'f64x2'): Vec;
}
export type FloatLetter = 'v' | 's' | 'd' | 'i' | 'l';

export type Width = 8 | 16 | 32 | 64;
/** Bytes; 1 is none. */
export type Alignment = 1 | 16 | 32;
/** The arithmetic flags, by their letters in the SDM: overflow, sign, zero, adjust, parity, carry. */
export type FlagName = 'o' | 's' | 'z' | 'a' | 'p' | 'c';

/** Exception vectors that instructions raise by themselves (Intel SDM Vol. 3A, "Exception and Interrupt Reference"). */
export type ExceptionVector = 'DE' | 'DB' | 'BP' | 'OF' | 'BR' | 'UD' | 'GP' | 'SS' | 'MF' | 'AC' | 'XM';

export interface Builder {
  // ---- values -------------------------------------------------------------------------------------------------
  /** Low `width` bits of a constant. */
  const(width: Width, value: bigint | number): Val;
  add(width: Width, x: Val, y: Val): Val;
  sub(width: Width, x: Val, y: Val): Val;
  /** Low half of the product. */
  mul(width: Width, x: Val, y: Val): Val;
  /** High 64 bits of the 128-bit product. */
  mulHighU64(x: Val, y: Val): Val;
  mulHighS64(x: Val, y: Val): Val;
  /** Quotient and remainder of (high:low) / divisor, of a width of 8 to 64 bits. The caller has excluded a zero divisor and a quotient that does not fit (`divFits*`). */
  divU(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val };
  divS(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val };
  /** Whether the divisor is not zero and the quotient of (high:low) / divisor fits in `width` bits. */
  divFitsU(width: Width, high: Val, low: Val, divisor: Val): Bool;
  divFitsS(width: Width, high: Val, low: Val, divisor: Val): Bool;
  and(width: Width, x: Val, y: Val): Val;
  or(width: Width, x: Val, y: Val): Val;
  xor(width: Width, x: Val, y: Val): Val;
  not(width: Width, x: Val): Val;
  neg(width: Width, x: Val): Val;
  /** Shift counts are Vals of width 32, from 0 to 31 (0 to 63 for width 64); for widths 8 and 16 a count from the width to 31 shifts everything out. */
  shl(width: Width, x: Val, count: Val): Val;
  shrU(width: Width, x: Val, count: Val): Val;
  shrS(width: Width, x: Val, count: Val): Val;
  /** Rotates; the count is a Val of width 32 below `width`. */
  rotl(width: Width, x: Val, count: Val): Val;
  rotr(width: Width, x: Val, count: Val): Val;
  /** Leading and trailing zeros of 32 or 64 bits, `width` for zero; and the number of ones. As a value of that width. */
  clz(width: 32 | 64, x: Val): Val;
  ctz(width: 32 | 64, x: Val): Val;
  popcnt(width: 32 | 64, x: Val): Val;
  /** Bytes reversed. */
  bswap(width: 16 | 32 | 64, x: Val): Val;
  zext(from: Width, to: Width, x: Val): Val;
  sext(from: Width, to: Width, x: Val): Val;
  /** Low `to` bits. */
  trunc(from: Width, to: Width, x: Val): Val;
  eq(width: Width, x: Val, y: Val): Bool;
  ne(width: Width, x: Val, y: Val): Bool;
  ltU(width: Width, x: Val, y: Val): Bool;
  ltS(width: Width, x: Val, y: Val): Bool;
  isZero(width: Width, x: Val): Bool;
  /** The top bit. */
  isNegative(width: Width, x: Val): Bool;
  boolAnd(x: Bool, y: Bool): Bool;
  boolOr(x: Bool, y: Bool): Bool;
  boolXor(x: Bool, y: Bool): Bool;
  boolNot(x: Bool): Bool;
  select(width: Width, condition: Bool, whenTrue: Val, whenFalse: Val): Val;

  // ---- operands, registers, memory ----------------------------------------------------------------------------
  /** The operand's value, at the operand's width (immediates: at the instruction's width). A memory operand of access `rw` is checked for writing already here, so that `write` cannot fault. */
  read(operand: Operand): Val;
  /** Alone knows that 32-bit results zero-extend, and 8- and 16-bit results keep the rest of the register. */
  write(operand: Operand, value: Val): void;
  /** Register by number (0 RAX .. 15 R15); width 8 is the low byte. */
  readReg(width: Width, register: number): Val;
  writeReg(width: Width, register: number, value: Val): void;
  /** Offset part of a memory operand (base + index * scale + displacement), truncated to the address size; no segment base. */
  offset(operand: MemOperand): Val;
  /** Linear address of a memory operand: `offset` plus the segment's base. */
  address(operand: MemOperand): Val;
  /** Base of FS or GS (0 for the others, as 64-bit mode has it). */
  segmentBase(segment: 'fs' | 'gs'): Val;
  setSegmentBase(segment: 'fs' | 'gs', value: Val): void;
  load(width: Width, address: Val): Val;
  /** As load, but checked for writing: a store to the same address cannot fault afterwards. */
  loadForStore(width: Width, address: Val): Val;
  store(width: Width, address: Val, value: Val): void;
  /** Faults as a store of `bytes` bytes would, without storing. */
  probe(address: Val, bytes: number): void;

  /**
   * Calls a function of LATE_FUNCS (cpu/late-defs.ts) at its place among the stores. It may change what only lives in
   * memory (MXCSR, the x87 state, scratch areas), never registers or flags, which translated code keeps in locals.
   * An i32 of its parameters or its result, if it has one, is a Val of width 32, an i64 one of width 64. Since the call
   * cannot be taken back, nothing may fault after one that changes guest-visible state.
   */
  callRuntime<K extends LateFunc>(name: K, ...args: LateArgs<K>): LateResult<K>;

  // ---- vectors and floating point --------------------------------------------------------------------------------
  /** XMM register by number. Writing keeps what is above its 128 bits. */
  readXmm(register: number): Vec;
  writeXmm(register: number, value: Vec): void;
  /** Bits 255:128 of a YMM register. */
  readYmmHigh(register: number): Vec;
  writeYmmHigh(register: number, value: Vec): void;
  /** Fewer bits than 128 become the low ones, the others zero. #GP(0) unless the address is a multiple of `alignment`. */
  loadVec(bits: 32 | 64 | 128, address: Val, alignment?: Alignment): Vec;
  /** 128 bits; #GP(0) as for loadVec. */
  storeVec(address: Val, value: Vec, alignment?: Alignment): void;
  /** 256 bits as one access. */
  loadWide(address: Val, alignment?: Alignment): { low: Vec; high: Vec };
  storeWide(address: Val, low: Vec, high: Vec, alignment?: Alignment): void;
  /** A load that takes place if the condition holds; else the value is zero. */
  loadIf(condition: Bool, width: 32 | 64, address: Val): Val;
  vecConst(low: bigint, high: bigint): Vec;
  /** An operation of WebAssembly by its name: `vec('i8x16.add', x, y)`. Lanes' numbers are plain numbers. */
  vec<K extends VectorOp>(op: K, ...args: VectorOpArgs<K>): VectorOpResult<K>;
  /** Sixteen bytes by number: 0 to 15 of x, 16 to 31 of y. */
  shuffle(x: Vec, y: Vec, bytes: readonly number[]): Vec;
  selectVec(condition: Bool, whenTrue: Vec, whenFalse: Vec): Vec;
  /**
   * The results of a floating-point operation, exact, with its exceptions in MXCSR; raises #XM for unmasked ones. It has
   * its place among the loads and stores, and nothing may fault after it: its exceptions cannot be taken back.
   */
  float<R extends FloatValue>(operation: FloatOperation<R>): readonly R[];
  /** MXCSR, width 32. */
  mxcsr(): Val;
  setMxcsr(value: Val): void;
  /** Eight bytes of the x87 state at an offset of its FXSAVE image. Writing takes effect at once. */
  readX87(offset: number): Val;
  writeX87(offset: number, value: Val): void;

  // ---- flags ---------------------------------------------------------------------------------------------------
  /** All six from x + y. */
  flagsAfterAdd(width: Width, x: Val, y: Val): void;
  /** All six from x - y: SUB, CMP, NEG, CMPXCHG, SCAS, ... */
  flagsAfterSub(width: Width, x: Val, y: Val): void;
  /** SF, ZF, PF from the result, CF = OF = AF = 0: AND, OR, XOR, TEST. */
  flagsAfterLogic(width: Width, result: Val): void;
  /** All but CF, from the result. */
  flagsAfterInc(width: Width, result: Val): void;
  flagsAfterDec(width: Width, result: Val): void;
  /** CF = OF = whether the signed product of x and y does not fit the width; SF, ZF, PF from what is left of it. */
  flagsAfterMul(width: Width, x: Val, y: Val): void;
  /** ZF, PF and CF from the order of two f64, given as their bits: 000 greater, 001 less, 100 equal, 111 unordered. OF, SF, AF are 0. */
  flagsAfterOrder(x: Val, y: Val): void;
  /** SF, ZF, PF from the result; the others as given. */
  flagsFromResult(width: Width, result: Val, other: { c: Bool; o: Bool; a?: Bool }): void;
  /** Just these; the others stay. Changing CF alone is cheap, others cost an image. */
  setFlags(flags: Partial<Record<FlagName, Bool>>): void;
  flag(name: FlagName): Bool;
  /** Condition code 0 to 15, as in the low four opcode bits of Jcc, SETcc, CMOVcc (Intel SDM Vol. 1, "EFLAGS Condition Codes"). */
  condition(code: number): Bool;
  /** RFLAGS as PUSHFQ stores it, width 64. */
  rflags(): Val;
  /** Takes from a value of width 64 the flags that user mode may change: CF PF AF ZF SF OF TF DF NT AC ID. */
  setRflags(value: Val): void;
  /** DF: 0 or 1. */
  directionFlag(): Bool;
  setDirectionFlag(value: boolean): void;

  // ---- control -------------------------------------------------------------------------------------------------
  if(condition: Bool, then: () => void, otherwise?: () => void): void;
  /**
   * A REP prefix: while RCX (ECX with a 32-bit address size) is not 0, run `turn`, count down, and stop early when
   * `until` (evaluated after the turn's writes) is true. Registers are exact at each turn, so a fault leaves the
   * instruction restartable. `bulk` names a fast path over whole pages with the same result: see cpu/runtime.ts.
   */
  repeat(what: {
    addressWidth: 32 | 64;
    turn: () => void;
    until?: () => Bool;
    bulk?: { kind: 'movs' | 'stos'; width: Width; segmentBase?: Val };
  }): void;
  /** Raises an exception with the instruction's own RIP and unchanged state. */
  raise(vector: ExceptionVector, errorCode?: number): void;
  raiseIf(condition: Bool, vector: ExceptionVector, errorCode?: number): void;

  // ---- where control goes next: at most one per instruction, after everything else --------------------------------
  /** Next instruction's address. */
  readonly nextRip: bigint;
  readonly rip: bigint;
  jump(target: bigint): void;
  branch(condition: Bool, target: bigint): void;
  jumpIndirect(target: Val): void;
  /** Control goes to the target; the return address has been pushed by the `emit`. */
  call(target: bigint): void;
  callIndirect(target: Val): void;
  ret(target: Val): void;
  /** Leaves the CPU after this instruction: RIP is the next one. */
  syscall(): void;

  // ---- the rest --------------------------------------------------------------------------------------------------
  /** Fills EAX, EBX, ECX, EDX from leaf EAX, subleaf ECX (cpu/cpuid.ts). */
  cpuid(): void;
  /** Time-stamp counter: retired instructions, width 64. */
  timestamp(): Val;
}
