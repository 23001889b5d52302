/** The arithmetic of the cold tier: values of width 64 are bigint, narrower ones number, both unsigned. */
import type { Bool, Val, Width } from './builder.ts';

export const MASKS: Record<Width, number> = { 8: 0xff, 16: 0xffff, 32: 0xffff_ffff, 64: 0 };

export const num = (x: Val): number => x as unknown as number;
export const big = (x: Val): bigint => x as unknown as bigint;
export const val = (x: number | bigint): Val => x as unknown as Val;
export const bool = (x: boolean): Bool => (x ? 1 : 0) as unknown as Bool;
export const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const s64 = (x: bigint): bigint => BigInt.asIntN(64, x);
export const toBig = (width: Width, x: Val): bigint => (width === 64 ? big(x) : BigInt(num(x)));
export const fromBig = (width: Width, x: bigint): Val => val(width === 64 ? u64(x) : Number(BigInt.asUintN(width, x)));
/** Sign-extended to a JavaScript number. */
const signed = (width: Width, x: Val): number =>
  width === 32 ? num(x) | 0 : width === 16 ? (num(x) << 16) >> 16 : (num(x) << 24) >> 24;

/** The part of a Builder that has nothing to do with the state. */
export class EvalValues {
  const(width: Width, value: bigint | number): Val {
    if (width === 64) return val(u64(typeof value === 'bigint' ? value : BigInt(value)));
    return this._wrap(width, typeof value === 'bigint' ? Number(BigInt.asUintN(32, value)) : value);
  }
  private _wrap(width: Width, x: number): Val {
    return val(width === 32 ? x >>> 0 : x & MASKS[width]);
  }
  add(width: Width, x: Val, y: Val): Val {
    return width === 64 ? val(u64(big(x) + big(y))) : this._wrap(width, num(x) + num(y));
  }
  sub(width: Width, x: Val, y: Val): Val {
    return width === 64 ? val(u64(big(x) - big(y))) : this._wrap(width, num(x) - num(y));
  }
  mul(width: Width, x: Val, y: Val): Val {
    return width === 64 ? val(u64(big(x) * big(y))) : this._wrap(width, Math.imul(num(x), num(y)));
  }
  mulHighU64(x: Val, y: Val): Val {
    return val((big(x) * big(y)) >> 64n);
  }
  mulHighS64(x: Val, y: Val): Val {
    return val(u64((s64(big(x)) * s64(big(y))) >> 64n));
  }
  private _dividend(width: Width, high: Val, low: Val): bigint {
    return (toBig(width, high) << BigInt(width)) | toBig(width, low);
  }
  divU(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val } {
    const n = this._dividend(width, high, low);
    const d = toBig(width, divisor);
    return { quotient: fromBig(width, n / d), remainder: fromBig(width, n % d) };
  }
  divS(width: Width, high: Val, low: Val, divisor: Val): { quotient: Val; remainder: Val } {
    const n = BigInt.asIntN(2 * width, this._dividend(width, high, low));
    const d = BigInt.asIntN(width, toBig(width, divisor));
    return { quotient: fromBig(width, n / d), remainder: fromBig(width, n % d) };
  }
  divFitsU(width: Width, high: Val, _low: Val, divisor: Val): Bool {
    return this.ltU(width, high, divisor);
  }
  divFitsS(width: Width, high: Val, low: Val, divisor: Val): Bool {
    const d = BigInt.asIntN(width, toBig(width, divisor));
    if (d === 0n) return bool(false);
    const quotient = BigInt.asIntN(2 * width, this._dividend(width, high, low)) / d;
    return bool(quotient === BigInt.asIntN(width, quotient));
  }
  and(width: Width, x: Val, y: Val): Val {
    return width === 64 ? val(big(x) & big(y)) : val((num(x) & num(y)) >>> 0);
  }
  or(width: Width, x: Val, y: Val): Val {
    return width === 64 ? val(big(x) | big(y)) : val((num(x) | num(y)) >>> 0);
  }
  xor(width: Width, x: Val, y: Val): Val {
    return width === 64 ? val(big(x) ^ big(y)) : val((num(x) ^ num(y)) >>> 0);
  }
  not(width: Width, x: Val): Val {
    return width === 64 ? val(u64(~big(x))) : this._wrap(width, ~num(x));
  }
  neg(width: Width, x: Val): Val {
    return width === 64 ? val(u64(-big(x))) : this._wrap(width, -num(x));
  }
  shl(width: Width, x: Val, count: Val): Val {
    return width === 64 ? val(u64(big(x) << BigInt(num(count)))) : this._wrap(width, num(x) << num(count));
  }
  shrU(width: Width, x: Val, count: Val): Val {
    return width === 64 ? val(big(x) >> BigInt(num(count))) : val(num(x) >>> num(count));
  }
  shrS(width: Width, x: Val, count: Val): Val {
    if (width === 64) return val(u64(s64(big(x)) >> BigInt(num(count))));
    return this._wrap(width, signed(width, x) >> num(count));
  }
  rotl(width: Width, x: Val, count: Val): Val {
    const n = num(count);
    if (width === 64) return val(u64(big(x) << BigInt(n)) | (big(x) >> BigInt(64 - n)));
    return this._wrap(width, (num(x) << n) | (num(x) >>> (width - n)));
  }
  rotr(width: Width, x: Val, count: Val): Val {
    const n = num(count);
    if (width === 64) return val((big(x) >> BigInt(n)) | u64(big(x) << BigInt(64 - n)));
    return this._wrap(width, (num(x) >>> n) | (num(x) << (width - n)));
  }
  clz(width: 32 | 64, x: Val): Val {
    if (width === 32) return val(Math.clz32(num(x)));
    const high = Number(big(x) >> 32n);
    return val(BigInt(high !== 0 ? Math.clz32(high) : 32 + Math.clz32(Number(big(x)))));
  }
  ctz(width: 32 | 64, x: Val): Val {
    if (width === 32) return val(ctz32(num(x)));
    const low = Number(BigInt.asUintN(32, big(x)));
    return val(BigInt(low !== 0 ? ctz32(low) : 32 + ctz32(Number(big(x) >> 32n))));
  }
  popcnt(width: 32 | 64, x: Val): Val {
    if (width === 32) return val(ones32(num(x)));
    return val(BigInt(ones32(Number(BigInt.asUintN(32, big(x)))) + ones32(Number(big(x) >> 32n))));
  }
  bswap(width: 16 | 32 | 64, x: Val): Val {
    if (width === 16) return val(((num(x) & 0xff) << 8) | (num(x) >> 8));
    if (width === 32) return val(swap32(num(x)));
    const low = swap32(Number(BigInt.asUintN(32, big(x))));
    return val((BigInt(low) << 32n) | BigInt(swap32(Number(big(x) >> 32n))));
  }
  zext(from: Width, to: Width, x: Val): Val {
    return to === 64 && from !== 64 ? val(BigInt(num(x))) : x;
  }
  sext(from: Width, to: Width, x: Val): Val {
    if (from === to) return x;
    const wide = signed(from, x);
    return to === 64 ? val(u64(BigInt(wide))) : this._wrap(to, wide);
  }
  trunc(from: Width, to: Width, x: Val): Val {
    if (from === to) return x;
    return from === 64 ? val(Number(BigInt.asUintN(to, big(x)))) : this._wrap(to, num(x));
  }
  eq(_width: Width, x: Val, y: Val): Bool {
    return bool(x === y);
  }
  ne(_width: Width, x: Val, y: Val): Bool {
    return bool(x !== y);
  }
  ltU(_width: Width, x: Val, y: Val): Bool {
    return bool(x < y);
  }
  ltS(width: Width, x: Val, y: Val): Bool {
    return bool(width === 64 ? s64(big(x)) < s64(big(y)) : signed(width, x) < signed(width, y));
  }
  isZero(width: Width, x: Val): Bool {
    return bool(width === 64 ? big(x) === 0n : num(x) === 0);
  }
  isNegative(width: Width, x: Val): Bool {
    return bool(width === 64 ? s64(big(x)) < 0n : signed(width, x) < 0);
  }
  boolAnd(x: Bool, y: Bool): Bool {
    return val(num(x) & num(y));
  }
  boolOr(x: Bool, y: Bool): Bool {
    return val(num(x) | num(y));
  }
  boolXor(x: Bool, y: Bool): Bool {
    return val(num(x) ^ num(y));
  }
  boolNot(x: Bool): Bool {
    return val(num(x) ^ 1);
  }
  select(_width: Width, condition: Bool, whenTrue: Val, whenFalse: Val): Val {
    return num(condition) !== 0 ? whenTrue : whenFalse;
  }
}

const ctz32 = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));
function ones32(x: number): number {
  let n = x - ((x >>> 1) & 0x5555_5555);
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
const swap32 = (x: number): number => ((x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)) >>> 0;
