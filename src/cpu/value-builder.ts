/**
 * The integer operations of WasmBuilder: values from values, without registers, memory or flags. Width 64 is an i64,
 * narrower ones are an i32, zero-extended.
 */
import type { Bool, Val, Width } from './builder.ts';
import { binary, callNode, choice, constant, type Node, selectNode, unary } from './nodes.ts';
import type { RuntimeFunc } from './runtime.ts';
import { I32, I64, OP } from './wasm/code.ts';

export const MASKS: Record<Width, bigint> = { 8: 0xffn, 16: 0xffffn, 32: 0xffff_ffffn, 64: 0xffff_ffff_ffff_ffffn };

export const asNode = (value: Val): Node => value as unknown as Node;
export const asVal = (n: Node): Val => n as unknown as Val;
export const typeOf = (width: Width): typeof I32 | typeof I64 => (width === 64 ? I64 : I32);
export const maskTo = (width: Width, x: Node): Node =>
  width < 32 ? binary(OP.i32and, I32, x, constant(I32, MASKS[width])) : x;

export class ValueBuilder {
  const(width: Width, value: bigint | number): Val {
    return asVal(constant(width === 64 ? I64 : I32, BigInt(value) & MASKS[width]));
  }
  private _arith(width: Width, op32: number, op64: number, x: Val, y: Val): Val {
    const result = binary(width === 64 ? op64 : op32, typeOf(width), asNode(x), asNode(y));
    return asVal(maskTo(width, result));
  }
  add(width: Width, x: Val, y: Val): Val {
    return this._arith(width, OP.i32add, OP.i64add, x, y);
  }
  sub(width: Width, x: Val, y: Val): Val {
    return this._arith(width, OP.i32sub, OP.i64sub, x, y);
  }
  mul(width: Width, x: Val, y: Val): Val {
    return this._arith(width, OP.i32mul, OP.i64mul, x, y);
  }
  /** By 32-bit halves. */
  mulHighU64(x: Val, y: Val): Val {
    const low = (v: Val) => this.and(64, v, this.const(64, 0xffff_ffffn));
    const high = (v: Val) => this.shrU(64, v, this.const(32, 32));
    const [xl, xh, yl, yh] = [low(x), high(x), low(y), high(y)];
    const [lowHigh, highLow] = [this.mul(64, xl, yh), this.mul(64, xh, yl)];
    const carry = this.add(64, this.add(64, high(this.mul(64, xl, yl)), low(lowHigh)), low(highLow));
    const sum = this.add(64, this.mul(64, xh, yh), high(lowHigh));
    return this.add(64, this.add(64, sum, high(highLow)), high(carry));
  }
  mulHighS64(x: Val, y: Val): Val {
    const ifNegative = (v: Val, other: Val) => this.and(64, this.shrS(64, v, this.const(32, 63)), other);
    return this.sub(64, this.sub(64, this.mulHighU64(x, y), ifNegative(x, y)), ifNegative(y, x));
  }
  /** high:low as one i64, for widths up to 32. */
  private _wide(width: 8 | 16 | 32, high: Val, low: Val): Node {
    const h = unary(OP.i64extendI32U, I64, asNode(high));
    const l = unary(OP.i64extendI32U, I64, asNode(low));
    return binary(OP.i64or, I64, binary(OP.i64shl, I64, h, constant(I64, BigInt(width))), l);
  }
  private _wideS(width: 8 | 16 | 32, high: Val, low: Val): Node {
    const bits = constant(I64, BigInt(64 - 2 * width));
    return binary(OP.i64shrS, I64, binary(OP.i64shl, I64, this._wide(width, high, low), bits), bits);
  }
  divU(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val } {
    if (width === 64) {
      const isNarrow = binary(OP.i64eq, I32, asNode(high), constant(I64, 0n));
      return this._divide64(isNarrow, 'divQuotientU', OP.i64divU, high, low, divisor);
    }
    const dividend = this._wide(width, high, low);
    const d = unary(OP.i64extendI32U, I64, asNode(divisor));
    const narrow = (op: number) => asVal(maskTo(width, unary(OP.i32wrapI64, I32, binary(op, I64, dividend, d))));
    return { quotient: narrow(OP.i64divU), remainder: narrow(OP.i64remU) };
  }
  divS(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val } {
    if (width === 64)
      return this._divide64(this._isNarrowDivS(high, low, divisor), 'divQuotientS', OP.i64divS, high, low, divisor);
    const dividend = this._wideS(width, high, low);
    const d = asNode(this.sext(width, 64, divisor));
    const narrow = (op: number) => asVal(maskTo(width, unary(OP.i32wrapI64, I32, binary(op, I64, dividend, d))));
    return { quotient: narrow(OP.i64divS), remainder: narrow(OP.i64remS) };
  }
  /** Most dividends are 64 bits, extended: one machine division. */
  private _divide64(
    isNarrow: Node,
    func: RuntimeFunc,
    op: number,
    high: Val,
    low: Val,
    divisor: Val,
  ): { quotient: Val; remainder: Val } {
    const args = [asNode(high), asNode(low), asNode(divisor)];
    const narrow = binary(op, I64, asNode(low), asNode(divisor));
    const quotient = asVal(choice(isNarrow, narrow, callNode(func, I64, args), true));
    return { quotient, remainder: this.sub(64, low, this.mul(64, quotient, divisor)) };
  }
  /** Whether (high:low) is low with its sign, and the divisor neither 0 nor -1, whose quotients may not fit. */
  private _isNarrowDivS(high: Val, low: Val, divisor: Val): Node {
    const isExtended = this.eq(64, high, this.shrS(64, low, this.const(32, 63)));
    const isPlain = this.ltU(64, this.const(64, 1), this.add(64, divisor, this.const(64, 1)));
    return asNode(this.boolAnd(isExtended, isPlain));
  }
  divFitsU(width: Width, high: Val, _low: Val, divisor: Val): Bool {
    return this.ltU(width, high, divisor);
  }
  divFitsS(width: Width, high: Val, low: Val, divisor: Val): Bool {
    if (width === 64) {
      const call = callNode('divFitsS', I32, [asNode(high), asNode(low), asNode(divisor)]);
      return asVal(choice(this._isNarrowDivS(high, low, divisor), constant(I32, 1n), call, true));
    }
    // The division itself must not trap: a zero divisor becomes 1, and of 64-bit dividends only -2^63 / -1 overflows.
    const zero = asNode(this.isZero(width, divisor));
    const d = asNode(this.sext(width, 64, divisor));
    const dividend = this._wideS(width, high, low);
    const lowest = binary(OP.i64eq, I32, dividend, constant(I64, 1n << 63n));
    const unsafe = binary(OP.i32or, I32, zero, lowest);
    const quotient = binary(OP.i64divS, I64, dividend, selectNode(unsafe, constant(I64, 1n), d));
    const extended = asNode(this.sext(width, 64, asVal(maskTo(width, unary(OP.i32wrapI64, I32, quotient)))));
    return asVal(binary(OP.i32and, I32, binary(OP.i64eq, I32, quotient, extended), unary(OP.i32eqz, I32, unsafe)));
  }
  and(width: Width, x: Val, y: Val): Val {
    return asVal(binary(width === 64 ? OP.i64and : OP.i32and, typeOf(width), asNode(x), asNode(y)));
  }
  or(width: Width, x: Val, y: Val): Val {
    return asVal(binary(width === 64 ? OP.i64or : OP.i32or, typeOf(width), asNode(x), asNode(y)));
  }
  xor(width: Width, x: Val, y: Val): Val {
    if (x === y) return this.const(width, 0);
    return asVal(binary(width === 64 ? OP.i64xor : OP.i32xor, typeOf(width), asNode(x), asNode(y)));
  }
  not(width: Width, x: Val): Val {
    return this.xor(width, x, this.const(width, MASKS[width]));
  }
  neg(width: Width, x: Val): Val {
    return this.sub(width, this.const(width, 0), x);
  }
  private _count(width: Width, count: Val): Node {
    return width === 64 ? unary(OP.i64extendI32U, I64, asNode(count)) : asNode(count);
  }
  shl(width: Width, x: Val, count: Val): Val {
    return this._arith(width, OP.i32shl, OP.i64shl, x, asVal(this._count(width, count)));
  }
  shrU(width: Width, x: Val, count: Val): Val {
    return this._arith(width, OP.i32shrU, OP.i64shrU, x, asVal(this._count(width, count)));
  }
  shrS(width: Width, x: Val, count: Val): Val {
    const wide = width < 32 ? this.sext(width, 32, x) : x;
    return this._arith(width, OP.i32shrS, OP.i64shrS, wide, asVal(this._count(width, count)));
  }
  rotl(width: Width, x: Val, count: Val): Val {
    if (width >= 32) return this._arith(width, OP.i32rotl, OP.i64rotl, x, asVal(this._count(width, count)));
    const back = this.sub(32, this.const(32, width), count);
    return this.or(width, this.shl(width, x, count), this.shrU(width, x, back));
  }
  rotr(width: Width, x: Val, count: Val): Val {
    if (width >= 32) return this._arith(width, OP.i32rotr, OP.i64rotr, x, asVal(this._count(width, count)));
    const back = this.sub(32, this.const(32, width), count);
    return this.or(width, this.shrU(width, x, count), this.shl(width, x, back));
  }
  clz(width: 32 | 64, x: Val): Val {
    return asVal(unary(width === 64 ? OP.i64clz : OP.i32clz, typeOf(width), asNode(x)));
  }
  ctz(width: 32 | 64, x: Val): Val {
    return asVal(unary(width === 64 ? OP.i64ctz : OP.i32ctz, typeOf(width), asNode(x)));
  }
  popcnt(width: 32 | 64, x: Val): Val {
    return asVal(unary(width === 64 ? OP.i64popcnt : OP.i32popcnt, typeOf(width), asNode(x)));
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
    return asVal(to === 64 ? unary(OP.i64extendI32S, I64, wide) : maskTo(to, wide));
  }
  trunc(from: Width, to: Width, x: Val): Val {
    if (from === to) return x;
    return asVal(maskTo(to, from === 64 ? unary(OP.i32wrapI64, I32, asNode(x)) : asNode(x)));
  }
  private _compare(width: Width, op32: number, op64: number, x: Val, y: Val): Bool {
    return asVal(binary(width === 64 ? op64 : op32, I32, asNode(x), asNode(y)));
  }
  eq(width: Width, x: Val, y: Val): Bool {
    return this._compare(width, OP.i32eq, OP.i64eq, x, y);
  }
  ne(width: Width, x: Val, y: Val): Bool {
    return this._compare(width, OP.i32ne, OP.i64ne, x, y);
  }
  ltU(width: Width, x: Val, y: Val): Bool {
    return this._compare(width, OP.i32ltU, OP.i64ltU, x, y);
  }
  ltS(width: Width, x: Val, y: Val): Bool {
    return this._compare(width, OP.i32ltS, OP.i64ltS, this._signed(width, x), this._signed(width, y));
  }
  private _signed(width: Width, x: Val): Val {
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
}
