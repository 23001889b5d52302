/**
 * Builder that collects an instruction's values and statements for translation to WebAssembly. It runs `emit` and
 * keeps what came of it in a Scope; cpu/block-code.ts writes the code.
 *
 * Integers of width 64 are i64, narrower ones i32, zero-extended. Flags are known by where they came from as long as
 * that is one place (FlagState), so that a compare and its jump become one comparison.
 */
import { invariant } from '../base/invariant.ts';
import type { Bool, Builder, FlagName, Float, NanRule, Val, Vec, Vector, VectorOpArgs, VectorOpResult, Width } from './builder.ts'; // biome-ignore format: a long list
import {
  AC,
  AF,
  CF,
  DF,
  type FlagKind,
  FOP_CARRY,
  fopOf,
  ID,
  KIND_ADD,
  KIND_DEC,
  KIND_INC,
  KIND_MUL,
  KIND_PACKED,
  KIND_RESULT,
  KIND_SUB,
  NT,
  OF,
  PF,
  RFLAGS_FIXED,
  SF,
  TF,
  ZF,
} from './flags.ts';
import type { Insn } from './isa/define.ts';
import type { MemOperand, Operand } from './isa/operand.ts';
import {
  binary,
  callNode,
  constant,
  type FlagState,
  isConst,
  type Node,
  newScope,
  operation,
  repair,
  resultNode,
  type Scope,
  selectNode,
  UNIT_FC,
  UNIT_FOP,
  UNIT_FX,
  UNIT_FY,
  unary,
  unitNode,
  vectorConstant,
} from './nodes.ts';
import type { RuntimeFunc } from './runtime.ts';
import { NAN_CHECKS, NAN_FUNCS } from './runtime-vector.ts';
import { STATE } from './state.ts';
import { I32, I64, OP, V128, type ValType } from './wasm/code.ts';
import { I8X16_SHUFFLE, typeOfLetter, VECTOR_OPS, type VectorOp } from './wasm/vector-ops.ts';

/** Where control goes after an instruction. */
export type Terminator =
  | { readonly kind: 'jump'; readonly target: bigint }
  | { readonly kind: 'branch'; readonly condition: Node; readonly target: bigint }
  | { readonly kind: 'jumpIndirect' | 'callIndirect' | 'ret'; readonly target: Node }
  | { readonly kind: 'call'; readonly target: bigint }
  | { readonly kind: 'syscall' | 'raise' | 'interpret' }
  /** Of a block without instructions: cpu/region.ts, BlockKind. */
  | { readonly kind: 'dispatch' };

const MASKS: Record<Width, bigint> = { 8: 0xffn, 16: 0xffffn, 32: 0xffff_ffffn, 64: 0xffff_ffff_ffff_ffffn };
const FLAG_BIT: Record<FlagName, number> = { o: OF, s: SF, z: ZF, a: AF, p: PF, c: CF };
const USER_REST = DF | NT | AC | ID | TF;

const asNode = (value: Val): Node => value as unknown as Node;
const asVal = (n: Node): Val => n as unknown as Val;
const vecNode = (value: Vec): Node => value as unknown as Node;
const asVec = (n: Node): Vec => n as unknown as Vec;

export class WasmBuilder implements Builder {
  rip = 0n;
  nextRip = 0n;
  terminator: Terminator | undefined;
  /** Instructions of the block from this one on, for the time-stamp counter. */
  remaining = 0;

  #insn: Insn | undefined;
  #scope: Scope = newScope();
  #units: (Node | undefined)[] = [];
  #flags!: FlagState;
  #addresses = new Map<MemOperand, Node>();
  #loadedForStore = new Map<Node, Node>();

  /**
   * Runs `emit` for one instruction. `flags` says what is known of the flags before it; the result's `flags` what is
   * known after it.
   */
  build(
    insn: Insn,
    fop: number | undefined,
    carryKnown: boolean,
    remaining: number,
  ): { scope: Scope; flags: FlagState } {
    this.#insn = insn;
    this.rip = insn.rip;
    this.nextRip = insn.rip + BigInt(insn.length);
    this.terminator = undefined;
    this.remaining = remaining;
    this.#scope = newScope();
    this.#units = [];
    this.#addresses.clear();
    this.#loadedForStore.clear();
    this.#flags = {
      fop,
      fopNode: fop === undefined ? this.#unit(UNIT_FOP) : fopConstant(fop, carryKnown),
      fx: this.#unit(UNIT_FX),
      fy: this.#unit(UNIT_FY),
      fc: carryKnown ? this.#unit(UNIT_FC) : undefined,
    };
    insn.def.emit(this, insn);
    return { scope: this.#scope, flags: this.#scope.pending.flags ?? this.#flags };
  }

  // ---- values
  const(width: Width, value: bigint | number): Val {
    return asVal(constant(width === 64 ? I64 : I32, BigInt(value) & MASKS[width]));
  }
  #type(width: Width): typeof I32 | typeof I64 {
    return width === 64 ? I64 : I32;
  }
  #mask(width: Width, x: Node): Node {
    return width < 32 ? binary(OP.i32and, I32, x, constant(I32, MASKS[width])) : x;
  }
  #arith(width: Width, op32: number, op64: number, x: Val, y: Val): Val {
    const result = binary(width === 64 ? op64 : op32, this.#type(width), asNode(x), asNode(y));
    return asVal(this.#mask(width, result));
  }
  add(width: Width, x: Val, y: Val): Val {
    return this.#arith(width, OP.i32add, OP.i64add, x, y);
  }
  sub(width: Width, x: Val, y: Val): Val {
    return this.#arith(width, OP.i32sub, OP.i64sub, x, y);
  }
  mul(width: Width, x: Val, y: Val): Val {
    return this.#arith(width, OP.i32mul, OP.i64mul, x, y);
  }
  mulHighU64(x: Val, y: Val): Val {
    return asVal(callNode('mulHighU', I64, [asNode(x), asNode(y)]));
  }
  mulHighS64(x: Val, y: Val): Val {
    return asVal(callNode('mulHighS', I64, [asNode(x), asNode(y)]));
  }
  /** high:low as one i64, for widths up to 32. */
  #wide(width: 8 | 16 | 32, high: Val, low: Val): Node {
    const h = unary(OP.i64extendI32U, I64, asNode(high));
    const l = unary(OP.i64extendI32U, I64, asNode(low));
    return binary(OP.i64or, I64, binary(OP.i64shl, I64, h, constant(I64, BigInt(width))), l);
  }
  #wideS(width: 8 | 16 | 32, high: Val, low: Val): Node {
    const bits = constant(I64, BigInt(64 - 2 * width));
    return binary(OP.i64shrS, I64, binary(OP.i64shl, I64, this.#wide(width, high, low), bits), bits);
  }
  divU(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val } {
    if (width === 64) return this.#div128(['divQuotientU', 'divRemainderU'], high, low, divisor);
    const dividend = this.#wide(width, high, low);
    const d = unary(OP.i64extendI32U, I64, asNode(divisor));
    const narrow = (op: number) => asVal(this.#mask(width, unary(OP.i32wrapI64, I32, binary(op, I64, dividend, d))));
    return { quotient: narrow(OP.i64divU), remainder: narrow(OP.i64remU) };
  }
  divS(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val } {
    if (width === 64) return this.#div128(['divQuotientS', 'divRemainderS'], high, low, divisor);
    const dividend = this.#wideS(width, high, low);
    const d = asNode(this.sext(width, 64, divisor));
    const narrow = (op: number) => asVal(this.#mask(width, unary(OP.i32wrapI64, I32, binary(op, I64, dividend, d))));
    return { quotient: narrow(OP.i64divS), remainder: narrow(OP.i64remS) };
  }
  #div128(
    funcs: readonly [RuntimeFunc, RuntimeFunc],
    high: Val,
    low: Val,
    divisor: Val,
  ): { quotient: Val; remainder: Val } {
    const args = [asNode(high), asNode(low), asNode(divisor)];
    return { quotient: asVal(callNode(funcs[0], I64, args)), remainder: asVal(callNode(funcs[1], I64, args)) };
  }
  divFitsU(width: Width, high: Val, low: Val, divisor: Val): Bool {
    if (width === 64) return asVal(callNode('divFitsU', I32, [asNode(high), asNode(low), asNode(divisor)]));
    return this.ltU(width, high, divisor);
  }
  divFitsS(width: Width, high: Val, low: Val, divisor: Val): Bool {
    if (width === 64) return asVal(callNode('divFitsS', I32, [asNode(high), asNode(low), asNode(divisor)]));
    // The division itself must not trap: a zero divisor becomes 1, and of 64-bit dividends only -2^63 / -1 overflows.
    const zero = asNode(this.isZero(width, divisor));
    const d = asNode(this.sext(width, 64, divisor));
    const dividend = this.#wideS(width, high, low);
    const lowest = binary(OP.i64eq, I32, dividend, constant(I64, 1n << 63n));
    const unsafe = binary(OP.i32or, I32, zero, lowest);
    const quotient = binary(OP.i64divS, I64, dividend, selectNode(unsafe, constant(I64, 1n), d));
    const extended = asNode(this.sext(width, 64, asVal(this.#mask(width, unary(OP.i32wrapI64, I32, quotient)))));
    return asVal(binary(OP.i32and, I32, binary(OP.i64eq, I32, quotient, extended), unary(OP.i32eqz, I32, unsafe)));
  }
  and(width: Width, x: Val, y: Val): Val {
    return asVal(binary(width === 64 ? OP.i64and : OP.i32and, this.#type(width), asNode(x), asNode(y)));
  }
  or(width: Width, x: Val, y: Val): Val {
    return asVal(binary(width === 64 ? OP.i64or : OP.i32or, this.#type(width), asNode(x), asNode(y)));
  }
  xor(width: Width, x: Val, y: Val): Val {
    if (x === y) return this.const(width, 0);
    return asVal(binary(width === 64 ? OP.i64xor : OP.i32xor, this.#type(width), asNode(x), asNode(y)));
  }
  not(width: Width, x: Val): Val {
    return this.xor(width, x, this.const(width, MASKS[width]));
  }
  neg(width: Width, x: Val): Val {
    return this.sub(width, this.const(width, 0), x);
  }
  #count(width: Width, count: Val): Node {
    return width === 64 ? unary(OP.i64extendI32U, I64, asNode(count)) : asNode(count);
  }
  shl(width: Width, x: Val, count: Val): Val {
    return this.#arith(width, OP.i32shl, OP.i64shl, x, asVal(this.#count(width, count)));
  }
  shrU(width: Width, x: Val, count: Val): Val {
    return this.#arith(width, OP.i32shrU, OP.i64shrU, x, asVal(this.#count(width, count)));
  }
  shrS(width: Width, x: Val, count: Val): Val {
    const wide = width < 32 ? this.sext(width, 32, x) : x;
    return this.#arith(width, OP.i32shrS, OP.i64shrS, wide, asVal(this.#count(width, count)));
  }
  rotl(width: Width, x: Val, count: Val): Val {
    if (width >= 32) return this.#arith(width, OP.i32rotl, OP.i64rotl, x, asVal(this.#count(width, count)));
    const back = this.sub(32, this.const(32, width), count);
    return this.or(width, this.shl(width, x, count), this.shrU(width, x, back));
  }
  rotr(width: Width, x: Val, count: Val): Val {
    if (width >= 32) return this.#arith(width, OP.i32rotr, OP.i64rotr, x, asVal(this.#count(width, count)));
    const back = this.sub(32, this.const(32, width), count);
    return this.or(width, this.shrU(width, x, count), this.shl(width, x, back));
  }
  clz(width: 32 | 64, x: Val): Val {
    return asVal(unary(width === 64 ? OP.i64clz : OP.i32clz, this.#type(width), asNode(x)));
  }
  ctz(width: 32 | 64, x: Val): Val {
    return asVal(unary(width === 64 ? OP.i64ctz : OP.i32ctz, this.#type(width), asNode(x)));
  }
  popcnt(width: 32 | 64, x: Val): Val {
    return asVal(unary(width === 64 ? OP.i64popcnt : OP.i32popcnt, this.#type(width), asNode(x)));
  }
  bswap(width: 16 | 32 | 64, x: Val): Val {
    const n = (count: number) => this.const(32, count);
    if (width === 16) return this.or(16, this.shl(16, x, n(8)), this.shrU(16, x, n(8)));
    if (width === 32) {
      // rotl 8 brings bytes 0 and 2 into place, rotr 8 bytes 1 and 3
      const even = this.and(32, this.rotl(32, x, n(8)), this.const(32, 0x00ff_00ff));
      const odd = this.and(32, this.rotr(32, x, n(8)), this.const(32, 0xff00_ff00));
      return this.or(32, even, odd);
    }
    const low = this.zext(32, 64, this.bswap(32, this.trunc(64, 32, x)));
    const high = this.zext(32, 64, this.bswap(32, this.trunc(64, 32, this.shrU(64, x, n(32)))));
    return this.or(64, this.shl(64, low, n(32)), high);
  }
  zext(from: Width, to: Width, x: Val): Val {
    return to === 64 && from !== 64 ? asVal(unary(OP.i64extendI32U, I64, asNode(x))) : x;
  }
  sext(from: Width, to: Width, x: Val): Val {
    if (from === to) return x;
    const op = from === 8 ? OP.i32extend8S : OP.i32extend16S;
    const wide = from === 32 ? asNode(x) : unary(op, I32, asNode(x));
    return asVal(to === 64 ? unary(OP.i64extendI32S, I64, wide) : this.#mask(to, wide));
  }
  trunc(from: Width, to: Width, x: Val): Val {
    if (from === to) return x;
    return asVal(this.#mask(to, from === 64 ? unary(OP.i32wrapI64, I32, asNode(x)) : asNode(x)));
  }
  #compare(width: Width, op32: number, op64: number, x: Val, y: Val): Bool {
    return asVal(binary(width === 64 ? op64 : op32, I32, asNode(x), asNode(y)));
  }
  eq(width: Width, x: Val, y: Val): Bool {
    return this.#compare(width, OP.i32eq, OP.i64eq, x, y);
  }
  ne(width: Width, x: Val, y: Val): Bool {
    return this.#compare(width, OP.i32ne, OP.i64ne, x, y);
  }
  ltU(width: Width, x: Val, y: Val): Bool {
    return this.#compare(width, OP.i32ltU, OP.i64ltU, x, y);
  }
  ltS(width: Width, x: Val, y: Val): Bool {
    return this.#compare(width, OP.i32ltS, OP.i64ltS, this.#signed(width, x), this.#signed(width, y));
  }
  #signed(width: Width, x: Val): Val {
    return width < 32 ? this.sext(width, 32, x) : x;
  }
  isZero(width: Width, x: Val): Bool {
    return asVal(unary(width === 64 ? OP.i64eqz : OP.i32eqz, I32, asNode(x)));
  }
  isNegative(width: Width, x: Val): Bool {
    return this.ltS(width, x, this.const(width, 0));
  }
  boolAnd(x: Bool, y: Bool): Bool {
    return this.and(32, x, y);
  }
  boolOr(x: Bool, y: Bool): Bool {
    return this.or(32, x, y);
  }
  boolXor(x: Bool, y: Bool): Bool {
    return this.xor(32, x, y);
  }
  boolNot(x: Bool): Bool {
    return asVal(unary(OP.i32eqz, I32, asNode(x)));
  }
  select(_width: Width, condition: Bool, whenTrue: Val, whenFalse: Val): Val {
    return asVal(selectNode(asNode(condition), asNode(whenTrue), asNode(whenFalse)));
  }

  // ---- operands, registers, memory
  #unit(unit: number): Node {
    return (this.#units[unit] ??= unitNode(unit));
  }
  read(operand: Operand): Val {
    switch (operand.kind) {
      case 'reg':
        if (operand.high)
          return this.and(32, this.shrU(32, this.readReg(32, operand.reg), this.const(32, 8)), this.const(32, 0xff));
        return this.readReg(operand.width, operand.reg);
      case 'imm':
        return this.const(operand.width, operand.value);
      case 'mem': {
        const address = asVal(this.#addressNode(operand));
        const width = operand.width as Width;
        return operand.access === 'rw' ? this.loadForStore(width, address) : this.load(width, address);
      }
      default:
        invariant(false, `read of a ${operand.kind} operand`);
    }
  }
  write(operand: Operand, value: Val): void {
    if (operand.kind === 'mem') {
      this.store(operand.width as Width, asVal(this.#addressNode(operand)), value);
      return;
    }
    invariant(operand.kind === 'reg', `write to a ${operand.kind} operand`);
    if (!operand.high) return this.writeReg(operand.width, operand.reg, value);
    const old = asVal(this.#current(operand.reg));
    const shifted = this.shl(64, this.zext(8, 64, value), this.const(32, 8));
    this.writeReg(64, operand.reg, this.or(64, this.and(64, old, this.const(64, ~0xff00n)), shifted));
  }
  readReg(width: Width, register: number): Val {
    return this.trunc(64, width, asVal(this.#unit(register)));
  }
  /** The register with what this scope has written so far, for partial writes. */
  #current(register: number): Node {
    return this.#scope.pending.regs.get(register) ?? this.#unit(register);
  }
  writeReg(width: Width, register: number, value: Val): void {
    let full = this.zext(width, 64, value);
    if (width < 32) {
      const kept = this.and(64, asVal(this.#current(register)), this.const(64, ~MASKS[width]));
      full = this.or(64, kept, full);
    }
    this.#scope.pending.regs.set(register, asNode(full));
  }
  offset(operand: MemOperand): Val {
    let sum: Val | undefined;
    if (operand.base !== undefined) sum = this.readReg(64, operand.base);
    if (operand.index !== undefined) {
      const scaled = this.shl(64, this.readReg(64, operand.index), this.const(32, Math.log2(operand.scale)));
      sum = sum === undefined ? scaled : this.add(64, sum, scaled);
    }
    const disp = this.const(64, operand.disp);
    const all = sum === undefined ? disp : this.add(64, sum, disp);
    return operand.addressWidth === 32 ? this.zext(32, 64, this.trunc(64, 32, all)) : all;
  }
  #addressNode(operand: MemOperand): Node {
    let address = this.#addresses.get(operand);
    if (address === undefined) {
      const { segment } = operand;
      const offset = this.offset(operand);
      address = asNode(segment === 'fs' || segment === 'gs' ? this.add(64, this.segmentBase(segment), offset) : offset);
      this.#addresses.set(operand, address);
    }
    return address;
  }
  address(operand: MemOperand): Val {
    return asVal(this.#addressNode(operand));
  }
  segmentBase(segment: 'fs' | 'gs'): Val {
    return asVal(this.#stateLoad(segment === 'fs' ? STATE.fsBase : STATE.gsBase, I64));
  }
  setSegmentBase(segment: 'fs' | 'gs', value: Val): void {
    this.#stateStore(segment === 'fs' ? STATE.fsBase : STATE.gsBase, asNode(value));
  }
  #stateLoad(offset: number, type: ValType): Node {
    const result = resultNode(type);
    this.#scope.statements.push({ kind: 'stateLoad', result, offset });
    return result;
  }
  #stateStore(offset: number, value: Node): void {
    this.#scope.statements.push({ kind: 'stateStore', offset, value });
  }
  load(width: Width, address: Val): Val {
    return this.#load(width, address, false);
  }
  loadForStore(width: Width, address: Val): Val {
    return this.#load(width, address, true);
  }
  #load(width: Width, address: Val, forStore: boolean): Val {
    const result = resultNode(this.#type(width));
    const at = asNode(address);
    this.#scope.statements.push({ kind: 'load', result, address: at, width, forStore });
    if (forStore) this.#loadedForStore.set(at, result);
    return asVal(result);
  }
  store(width: Width, address: Val, value: Val): void {
    const at = asNode(address);
    this.#scope.statements.push({
      kind: 'store',
      address: at,
      width,
      value: asNode(value),
      loaded: this.#loadedForStore.get(at),
    });
  }
  probe(address: Val, bytes: number): void {
    this.#scope.statements.push({ kind: 'probe', address: asNode(address), bytes });
  }

  // ---- vectors and floating point
  readXmm(register: number): Vec {
    return asVec(this.#stateLoad(STATE.ymm + 32 * register, V128));
  }
  writeXmm(register: number, value: Vec): void {
    this.#scope.pending.xmm.set(register, vecNode(value));
  }
  loadVec(bits: 32 | 64 | 128, address: Val): Vec {
    const result = resultNode(V128);
    this.#scope.statements.push({ kind: 'load', result, address: asNode(address), width: bits, forStore: false });
    return asVec(result);
  }
  storeVec(address: Val, value: Vec): void {
    this.#scope.statements.push({ kind: 'storeVec', address: asNode(address), value: vecNode(value) });
  }
  vecConst(low: bigint, high: bigint): Vec {
    return asVec(vectorConstant((BigInt.asUintN(64, high) << 64n) | BigInt.asUintN(64, low)));
  }
  vec<K extends VectorOp>(name: K, ...args: VectorOpArgs<K>): VectorOpResult<K> {
    const [op, , result] = VECTOR_OPS[name];
    const nodes = (args as unknown[]).filter((arg) => typeof arg !== 'number') as Node[];
    const lane = (args as unknown[]).find((arg) => typeof arg === 'number') as number | undefined;
    return operation(op, typeOfLetter(result), nodes, BigInt(lane ?? 0)) as unknown as VectorOpResult<K>;
  }
  shuffle(x: Vec, y: Vec, bytes: readonly number[]): Vec {
    const lanes = bytes.reduce((all, byte, i) => all | (BigInt(byte) << BigInt(8 * i)), 0n);
    return asVec(operation(I8X16_SHUFFLE, V128, [vecNode(x), vecNode(y)], lanes));
  }
  selectVec(condition: Bool, whenTrue: Vec, whenFalse: Vec): Vec {
    return asVec(selectNode(asNode(condition), vecNode(whenTrue), vecNode(whenFalse)));
  }
  exactNan<R extends Vec | Float<32> | Float<64>>(rule: NanRule, result: R, x: Vec | R, y?: R): R {
    const [compare, type] = NAN_CHECKS[rule];
    const isConversion = rule === 'promote' || rule === 'demote';
    const args = (isConversion ? [result, x] : [result, x, y ?? x]) as unknown as Node[];
    return repair(VECTOR_OPS[compare][0], NAN_FUNCS[rule], type, args) as unknown as R;
  }
  mxcsr(): Val {
    return asVal(this.#stateLoad(STATE.mxcsr, I32));
  }
  setMxcsr(value: Val): void {
    this.#stateStore(STATE.mxcsr, asNode(value));
  }

  // ---- flags
  #setFlagState(kind: FlagKind, width: Width, fx: Val, fy: Val, fc: Node | undefined): void {
    const fop = fopOf(kind, width);
    this.#scope.pending.flags = {
      fop,
      fopNode: fopConstant(fop, fc !== undefined),
      fx: asNode(this.zext(width, 64, fx)),
      fy: asNode(fy),
      fc,
    };
  }
  flagsAfterAdd(width: Width, x: Val, y: Val): void {
    this.#setFlagState(KIND_ADD, width, x, this.zext(width, 64, y), undefined);
  }
  flagsAfterSub(width: Width, x: Val, y: Val): void {
    this.#setFlagState(KIND_SUB, width, x, this.zext(width, 64, y), undefined);
  }
  flagsAfterLogic(width: Width, result: Val): void {
    this.#setFlagState(KIND_RESULT, width, result, this.const(64, 0), constant(I32, 0n));
  }
  flagsAfterInc(width: Width, result: Val): void {
    this.#setFlagState(KIND_INC, width, result, this.const(64, 0), this.#keptCarry());
  }
  flagsAfterDec(width: Width, result: Val): void {
    this.#setFlagState(KIND_DEC, width, result, this.const(64, 0), this.#keptCarry());
  }
  flagsAfterMul(width: Width, x: Val, y: Val): void {
    this.#setFlagState(KIND_MUL, width, x, this.zext(width, 64, y), undefined);
  }
  flagsFromResult(width: Width, result: Val, other: { c: Bool; o: Bool; a?: Bool }): void {
    const adjust = other.a === undefined ? other.o : this.or(32, other.o, this.shl(32, other.a, this.const(32, 4)));
    this.#setFlagState(KIND_RESULT, width, result, this.zext(32, 64, adjust), asNode(other.c));
  }
  /** The flags that later parts of this scope build on: what it has set itself, or what was there. */
  #latest(): FlagState {
    return this.#scope.pending.flags ?? this.#flags;
  }
  setFlags(flags: Partial<Record<FlagName, Bool>>): void {
    const before = this.#latest();
    const { c, ...others } = flags;
    const fc = c === undefined ? this.#keptCarry() : asNode(c);
    const names = Object.keys(others) as FlagName[];
    if (names.length === 0) {
      const fopNode =
        before.fop === undefined
          ? binary(OP.i32and, I32, before.fopNode, constant(I32, BigInt(FOP_CARRY - 1)))
          : fopConstant(before.fop, true);
      this.#scope.pending.flags = { ...before, fopNode, fc };
      return;
    }
    let image = names.length === 5 ? this.const(32, 0) : asVal(this.#image(before));
    for (const name of names) {
      const bit = FLAG_BIT[name];
      const set = this.shl(32, flags[name] as Bool, this.const(32, Math.log2(bit)));
      image = this.or(32, this.and(32, image, this.const(32, BigInt.asUintN(32, ~BigInt(bit)))), set);
    }
    this.#setPacked(image, fc);
  }
  #setPacked(image: Val, fc: Node): void {
    this.#setFlagState(
      KIND_PACKED,
      8,
      this.and(32, image, this.const(32, OF | SF | ZF | AF | PF)),
      this.const(64, 0),
      fc,
    );
  }
  flag(name: FlagName): Bool {
    return asVal(this.#flagNode(this.#flags, name));
  }
  #keptCarry(): Node {
    const state = this.#latest();
    return state.fc ?? keptCarryNode(state);
  }
  /** CF as a Bool, computed if it has not been. */
  #carry(state: FlagState): Node {
    return state.fc ?? carryNode(state);
  }
  #image(state: FlagState): Node {
    return callNode('flagsImage', I32, [state.fopNode, state.fx, state.fy, state.fc ?? unitNode(UNIT_FC)]);
  }
  #flagNode(state: FlagState, name: FlagName): Node {
    if (name === 'c') return this.#carry(state);
    const { fop } = state;
    const kind = fop === undefined ? KIND_PACKED : ((fop >> 2) as FlagKind);
    if (kind === KIND_PACKED) {
      const image = fop === undefined ? asVal(this.#image(state)) : asVal(unary(OP.i32wrapI64, I32, state.fx));
      return asNode(this.and(32, this.shrU(32, image, this.const(32, Math.log2(FLAG_BIT[name]))), this.const(32, 1)));
    }
    const width = (8 << ((fop as number) & 3)) as Width;
    const x = this.trunc(64, width, asVal(state.fx));
    const y = asVal(state.fy);
    const narrowY = () => this.trunc(64, width, y);
    const result =
      kind === KIND_ADD
        ? this.add(width, x, narrowY())
        : kind === KIND_SUB
          ? this.sub(width, x, narrowY())
          : kind === KIND_MUL
            ? this.mul(width, x, narrowY())
            : x;
    switch (name) {
      case 'z':
        return kind === KIND_SUB ? asNode(this.eq(width, x, narrowY())) : asNode(this.isZero(width, result));
      case 's':
        return asNode(this.isNegative(width, result));
      case 'p': {
        const low = this.and(32, width === 64 ? this.trunc(64, 32, result) : result, this.const(32, 0xff));
        return asNode(this.boolNot(this.and(32, this.popcnt(32, low), this.const(32, 1))));
      }
      case 'o':
        return asNode(this.#overflow(kind, width, x, y, result));
      case 'a': {
        const bit4 = (v: Val) =>
          this.and(32, this.shrU(32, width === 64 ? this.trunc(64, 32, v) : v, this.const(32, 4)), this.const(32, 1));
        if (kind === KIND_ADD || kind === KIND_SUB)
          return asNode(bit4(this.xor(width, this.xor(width, x, narrowY()), result)));
        if (kind === KIND_MUL) return constant(I32, 0n);
        if (kind === KIND_RESULT)
          return asNode(this.and(32, this.shrU(32, this.trunc(64, 32, y), this.const(32, 4)), this.const(32, 1)));
        const low = this.and(32, width === 64 ? this.trunc(64, 32, x) : x, this.const(32, 15));
        return asNode(this.eq(32, low, this.const(32, kind === KIND_INC ? 0 : 15)));
      }
      default:
        invariant(false, `flag ${name}`);
    }
  }
  #overflow(kind: FlagKind, width: Width, x: Val, y: Val, result: Val): Bool {
    switch (kind) {
      case KIND_ADD: {
        const narrow = this.trunc(64, width, y);
        return this.isNegative(width, this.and(width, this.xor(width, x, result), this.xor(width, narrow, result)));
      }
      case KIND_SUB: {
        const narrow = this.trunc(64, width, y);
        return this.isNegative(width, this.and(width, this.xor(width, x, narrow), this.xor(width, x, result)));
      }
      case KIND_MUL:
        return asVal(mulCarry(fopOf(KIND_MUL, width), asNode(this.zext(width, 64, x)), asNode(y)));
      case KIND_INC:
        return this.eq(width, x, this.const(width, 1n << BigInt(width - 1)));
      case KIND_DEC:
        return this.eq(width, x, this.const(width, (1n << BigInt(width - 1)) - 1n));
      default:
        return this.and(32, this.trunc(64, 32, y), this.const(32, 1));
    }
  }
  condition(code: number): Bool {
    const state = this.#flags;
    const flag = (name: FlagName) => asVal(this.#flagNode(state, name));
    const positive = this.#comparison(state, code & 14) ?? this.#flagCondition(code & 14, flag);
    return code & 1 ? this.boolNot(positive) : positive;
  }
  #flagCondition(code: number, flag: (name: FlagName) => Bool): Bool {
    switch (code) {
      case 0:
        return flag('o');
      case 2:
        return flag('c');
      case 4:
        return flag('z');
      case 6:
        return this.boolOr(flag('c'), flag('z'));
      case 8:
        return flag('s');
      case 10:
        return flag('p');
      case 12:
        return this.boolXor(flag('s'), flag('o'));
      default:
        return this.boolOr(flag('z'), this.boolXor(flag('s'), flag('o')));
    }
  }
  /** After a known subtraction or logic operation, the orderings are one comparison. */
  #comparison(state: FlagState, code: number): Bool | undefined {
    if (state.fop === undefined || (code !== 6 && code !== 12 && code !== 14)) return undefined;
    const kind = state.fop >> 2;
    const width = (8 << (state.fop & 3)) as Width;
    const x = this.trunc(64, width, asVal(state.fx));
    if (kind === KIND_RESULT && isConst(state.fy) && state.fy.value === 0n && code !== 6) {
      const zero = this.const(width, 0);
      return code === 12 ? this.ltS(width, x, zero) : this.boolNot(this.ltS(width, zero, x));
    }
    if (kind !== KIND_SUB || (code === 6 && state.fc !== undefined)) return undefined;
    const y = this.trunc(64, width, asVal(state.fy));
    if (code === 6) return this.boolNot(this.ltU(width, y, x));
    return code === 12 ? this.ltS(width, x, y) : this.boolNot(this.ltS(width, y, x));
  }
  rflags(): Val {
    const rest = asVal(this.#stateLoad(STATE.rflagsRest, I32));
    return this.zext(
      32,
      64,
      this.or(32, this.or(32, asVal(this.#image(this.#flags)), rest), this.const(32, RFLAGS_FIXED)),
    );
  }
  setRflags(value: Val): void {
    const image = this.trunc(64, 32, value);
    this.#setPacked(image, asNode(this.and(32, image, this.const(32, CF))));
    const old = asVal(this.#stateLoad(STATE.rflagsRest, I32));
    const kept = this.and(32, old, this.const(32, BigInt.asUintN(32, ~BigInt(USER_REST))));
    this.#stateStore(STATE.rflagsRest, asNode(this.or(32, kept, this.and(32, image, this.const(32, USER_REST)))));
  }
  directionFlag(): Bool {
    const rest = asVal(this.#stateLoad(STATE.rflagsRest, I32));
    return this.and(32, this.shrU(32, rest, this.const(32, 10)), this.const(32, 1));
  }
  setDirectionFlag(value: boolean): void {
    const rest = asVal(this.#stateLoad(STATE.rflagsRest, I32));
    const cleared = this.and(32, rest, this.const(32, BigInt.asUintN(32, ~BigInt(DF))));
    this.#stateStore(STATE.rflagsRest, asNode(value ? this.or(32, cleared, this.const(32, DF)) : cleared));
  }

  // ---- control
  /** Runs `body` with a scope of its own; units it writes are read anew afterwards. */
  #inScope(body: () => void): Scope {
    const outer = this.#scope;
    const scope = newScope();
    this.#scope = scope;
    body();
    this.#scope = outer;
    return scope;
  }
  /** After code that may or may not have run: what it wrote is only in the locals. */
  #forget(scopes: readonly Scope[]): void {
    for (const scope of scopes) {
      for (const unit of writtenUnits(scope)) this.#units[unit] = undefined;
      if (!writesFlags(scope)) continue;
      this.#flags = {
        fop: undefined,
        fopNode: this.#unit(UNIT_FOP),
        fx: this.#unit(UNIT_FX),
        fy: this.#unit(UNIT_FY),
        fc: undefined,
      };
    }
    // An address is computed from registers, and a loaded value belongs to one moment.
    this.#addresses.clear();
    this.#loadedForStore.clear();
  }
  if(condition: Bool, then: () => void, otherwise?: () => void): void {
    const thenScope = this.#inScope(then);
    const otherwiseScope = otherwise && this.#inScope(otherwise);
    const scopes = otherwiseScope ? [thenScope, otherwiseScope] : [thenScope];
    const saves = readsOf(this.#units, scopes);
    this.#scope.statements.push({
      kind: 'if',
      condition: asNode(condition),
      whenTrue: thenScope,
      whenFalse: otherwiseScope,
      saves,
    });
    this.#forget(scopes);
  }
  repeat(what: {
    addressWidth: 32 | 64;
    turn: () => void;
    until?: () => Bool;
    bulk?: { kind: 'movs' | 'stos'; width: Width; segmentBase?: Val };
  }): void {
    const RCX = 1;
    // The body runs many times: all it reads is read inside of it, and the flags are whatever the last turn left.
    const flagsBefore = this.#flags;
    const unitsBefore = this.#units;
    this.#units = [];
    this.#addresses.clear();
    const fromLocals = (fop: number | undefined, carryKnown: boolean): FlagState => ({
      fop,
      fopNode: fop === undefined ? this.#unit(UNIT_FOP) : fopConstant(fop, carryKnown),
      fx: this.#unit(UNIT_FX),
      fy: this.#unit(UNIT_FY),
      fc: carryKnown ? this.#unit(UNIT_FC) : undefined,
    });
    this.#flags = fromLocals(undefined, false);
    const turn = this.#inScope(() => {
      what.turn();
      this.writeReg(
        what.addressWidth,
        RCX,
        this.sub(what.addressWidth, this.readReg(what.addressWidth, RCX), this.const(what.addressWidth, 1)),
      );
    });
    let until: { scope: Scope; condition: Node } | undefined;
    if (what.until) {
      const condition = what.until;
      this.#units = [];
      this.#flags = fromLocals(turn.pending.flags?.fop, turn.pending.flags?.fc !== undefined);
      let node: Node | undefined;
      const scope = this.#inScope(() => {
        node = asNode(condition());
      });
      until = { scope, condition: node as Node };
    }
    const { bulk } = what;
    this.#scope.statements.push({
      kind: 'repeat',
      addressWidth: what.addressWidth,
      turn,
      saves: readsOf(unitsBefore, [turn]),
      until,
      bulk:
        bulk === undefined || what.addressWidth === 32
          ? undefined
          : {
              func: bulk.kind === 'movs' ? 'bulkMovs' : 'bulkStos',
              bytes: bulk.width / 8,
              base: bulk.segmentBase === undefined ? constant(I64, 0n) : asNode(bulk.segmentBase),
            },
    });
    this.#units = [];
    this.#flags = flagsBefore;
    this.#forget([turn]);
  }
  raise(vector: Vector, errorCode = 0): void {
    this.#scope.statements.push({ kind: 'raiseIf', condition: undefined, vector, errorCode });
    if (this.#insn?.def.flow === 'raise') this.terminator = { kind: 'raise' };
  }
  raiseIf(condition: Bool, vector: Vector, errorCode = 0): void {
    this.#scope.statements.push({ kind: 'raiseIf', condition: asNode(condition), vector, errorCode });
  }

  // ---- where control goes next
  jump(target: bigint): void {
    this.terminator = { kind: 'jump', target };
  }
  branch(condition: Bool, target: bigint): void {
    this.terminator = { kind: 'branch', condition: asNode(condition), target };
  }
  jumpIndirect(target: Val): void {
    this.terminator = { kind: 'jumpIndirect', target: asNode(target) };
  }
  call(target: bigint): void {
    this.terminator = { kind: 'call', target };
  }
  callIndirect(target: Val): void {
    this.terminator = { kind: 'callIndirect', target: asNode(target) };
  }
  ret(target: Val): void {
    this.terminator = { kind: 'ret', target: asNode(target) };
  }
  syscall(): void {
    this.terminator = { kind: 'syscall' };
  }

  // ---- the rest
  /** Rare: left to the cold tier, which executes the same `emit`. */
  cpuid(): void {
    this.terminator = { kind: 'interpret' };
  }
  timestamp(): Val {
    const base = asVal(this.#stateLoad(STATE.tscBase, I64));
    const left = resultNode(I64);
    this.#scope.statements.push({ kind: 'stateLoad', result: left, offset: BUDGET_LOCAL });
    return this.sub(64, base, this.add(64, asVal(left), this.const(64, this.remaining)));
  }
}

/** Stands for the budget in a stateLoad: it is in a local while a region runs. */
export const BUDGET_LOCAL = -1;

const fopConstant = (fop: number, carryKnown: boolean): Node =>
  constant(I32, BigInt(carryKnown ? fop : fop | FOP_CARRY));

const mulCarry = (fop: number, fx: Node, fy: Node): Node =>
  callNode('carry', I32, [constant(I32, BigInt(fop | FOP_CARRY)), fx, fy, constant(I32, 0n)]);

/**
 * CF where it has not been computed, to be kept for later: after a subtraction not by the comparison that a jump before
 * it may have made, since V8 would then make that one a value, too, on the hot path.
 */
export function keptCarryNode(state: FlagState): Node {
  if (state.fop === undefined || state.fop >> 2 !== KIND_SUB) return carryNode(state);
  const { fx, fy } = state;
  const difference = binary(OP.i64sub, I64, fx, fy);
  const not = (n: Node) => binary(OP.i64xor, I64, n, constant(I64, MASKS[64]));
  const borrow =
    (state.fop & 3) === 3
      ? binary(
          OP.i64or,
          I64,
          binary(OP.i64and, I64, not(fx), fy),
          binary(OP.i64and, I64, not(binary(OP.i64xor, I64, fx, fy)), difference),
        )
      : difference;
  return unary(OP.i32wrapI64, I32, binary(OP.i64shrU, I64, borrow, constant(I64, 63n)));
}

/** CF where it has not been computed. */
export function carryNode(state: FlagState): Node {
  if (state.fop === undefined) return callNode('carry', I32, [state.fopNode, state.fx, state.fy, unitNode(UNIT_FC)]);
  const kind = state.fop >> 2;
  if (kind === KIND_MUL) return mulCarry(state.fop, state.fx, state.fy);
  if (kind === KIND_SUB) return binary(OP.i64ltU, I32, state.fx, state.fy);
  invariant(kind === KIND_ADD, 'CF follows from no such operation');
  const sum = binary(OP.i64add, I64, state.fx, state.fy);
  const width = 8 << (state.fop & 3);
  if (width === 64) return binary(OP.i64ltU, I32, sum, state.fx);
  return unary(OP.i32wrapI64, I32, binary(OP.i64shrU, I64, sum, constant(I64, BigInt(width))));
}

export const writesFlags = (scope: Scope): boolean =>
  scope.pending.flags !== undefined ||
  scope.statements.some((s) =>
    s.kind === 'if'
      ? writesFlags(s.whenTrue) || (s.whenFalse !== undefined && writesFlags(s.whenFalse))
      : s.kind === 'repeat' && writesFlags(s.turn),
  );

/** Of the unit nodes in use, those whose unit one of the scopes writes. */
function readsOf(units: readonly (Node | undefined)[], scopes: readonly Scope[]): readonly Node[] {
  const written = new Set(scopes.flatMap((scope) => [...writtenUnits(scope)]));
  return units.filter((n): n is Node => n !== undefined && written.has(n.op));
}

/** Units that a scope, or one inside it, writes. */
export function writtenUnits(scope: Scope): Set<number> {
  const units = new Set<number>(scope.pending.regs.keys());
  if (scope.pending.flags !== undefined) for (const unit of [UNIT_FX, UNIT_FY, UNIT_FOP, UNIT_FC]) units.add(unit);
  for (const s of scope.statements) {
    const inner = s.kind === 'if' ? [s.whenTrue, s.whenFalse] : s.kind === 'repeat' ? [s.turn] : [];
    for (const scopeInside of inner) if (scopeInside) for (const unit of writtenUnits(scopeInside)) units.add(unit);
    if (s.kind === 'repeat' && s.bulk) for (const unit of [1, 6, 7]) units.add(unit);
  }
  return units;
}
