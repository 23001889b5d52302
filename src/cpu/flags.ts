/**
 * Lazy flags: how `fop`, `fx`, `fy` and `fc` of cpu/state.ts stand for OF SF ZF AF PF CF. They follow from what set
 * them last; CF is apart in `fc`, unless FOP_CARRY says that it follows, too. Intel SDM Vol. 1, "EFLAGS Register".
 *
 * `fop` = kind * 4 + log2(width / 8), plus FOP_CARRY. Operands and results are zero-extended to 64 bits.
 */
import type { Width } from './builder.ts';

export const CF = 1 << 0, PF = 1 << 2, AF = 1 << 4, ZF = 1 << 6, SF = 1 << 7, DF = 1 << 10, OF = 1 << 11; // biome-ignore format: one line
export const TF = 1 << 8, IF = 1 << 9, NT = 1 << 14, AC = 1 << 18, ID = 1 << 21; // biome-ignore format: one line
/** Always set in an RFLAGS image. */
export const RFLAGS_FIXED = 1 << 1;
export const FLAG_BIT = { o: OF, s: SF, z: ZF, a: AF, p: PF, c: CF } as const;
/** Beside the arithmetic flags, what POPF in user mode may change. */
export const USER_FLAGS = TF | DF | NT | AC | ID;

/** fx + fy. */
export const KIND_ADD = 0;
/** fx - fy. */
export const KIND_SUB = 1;
/** SF, ZF, PF from the result fx; OF and AF are bits 0 and 4 of fy. */
export const KIND_RESULT = 2;
/** fx is the result of adding 1. */
export const KIND_INC = 3;
/** fx is the result of subtracting 1. */
export const KIND_DEC = 4;
/** fx holds OF SF ZF AF PF at their places in RFLAGS. The width does not matter: fop is KIND_PACKED * 4. */
export const KIND_PACKED = 5;

/** Signed product of fx and fy, truncated: CF and OF tell whether it lost something. */
export const KIND_MUL = 6;

/** The order of two f64, fx and fy being their bits: ZF, PF, CF are 000 greater, 001 less, 100 equal, 111 unordered; width 64. */
export const KIND_ORDER = 7;

export type FlagKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** CF is to be computed from fop, fx and fy (KIND_ADD, KIND_SUB, KIND_MUL, KIND_ORDER); `fc` holds nothing. Only while translated code runs. */
export const FOP_CARRY = 32;

export const fopOf = (kind: FlagKind, width: Width): number =>
  kind * 4 + (width === 8 ? 0 : width === 16 ? 1 : width === 32 ? 2 : 3);

const NUMBERS = new Float64Array(2);
const NUMBER_BITS = new BigUint64Array(NUMBERS.buffer);
/** ZF, PF and CF of KIND_ORDER. */
export function orderFlags(fx: bigint, fy: bigint): number {
  NUMBER_BITS[0] = fx;
  NUMBER_BITS[1] = fy;
  const [x, y] = NUMBERS;
  return x > y ? 0 : x < y ? CF : x === y ? ZF : ZF | PF | CF;
}

/** CF of a kind that it follows from. */
function carryOf(kind: number, width: number, fx: bigint, fy: bigint): number {
  if (kind === KIND_ADD) return Number((fx + fy) >> BigInt(width));
  if (kind === KIND_SUB) return fx < fy ? 1 : 0;
  if (kind === KIND_ORDER) return orderFlags(fx, fy) & CF;
  const product = BigInt.asIntN(width, fx) * BigInt.asIntN(width, fy);
  return product === BigInt.asIntN(width, product) ? 0 : 1;
}

/** OF SF ZF AF PF CF as an RFLAGS image. */
export function flagsImage(fop: number, fx: bigint, fy: bigint, fc: number): number {
  if (fop & FOP_CARRY) {
    const plain = fop & ~FOP_CARRY;
    return flagsImage(plain, fx, fy, carryOf(plain >> 2, 8 << (plain & 3), fx, fy));
  }
  const kind = fop >> 2;
  if (kind === KIND_PACKED) return Number(fx & BigInt(OF | SF | ZF | AF | PF)) | (fc & 1);
  if (kind === KIND_ORDER) return (orderFlags(fx, fy) & ~CF) | (fc & 1);
  const width = 8 << (fop & 3);
  const wrap = (x: bigint) => BigInt.asUintN(width, x);
  const top = BigInt(width - 1);
  let result = fx;
  let overflow = false;
  let adjust = false;
  if (kind === KIND_ADD) {
    result = wrap(fx + fy);
    overflow = ((((fx ^ result) & (fy ^ result)) >> top) & 1n) !== 0n;
    adjust = ((fx ^ fy ^ result) & 0x10n) !== 0n;
  } else if (kind === KIND_SUB) {
    result = wrap(fx - fy);
    overflow = ((((fx ^ fy) & (fx ^ result)) >> top) & 1n) !== 0n;
    adjust = ((fx ^ fy ^ result) & 0x10n) !== 0n;
  } else if (kind === KIND_RESULT) {
    overflow = (fy & 1n) !== 0n;
    adjust = (fy & 0x10n) !== 0n;
  } else if (kind === KIND_MUL) {
    result = wrap(fx * fy);
    overflow = carryOf(kind, width, fx, fy) !== 0;
  } else if (kind === KIND_INC) {
    overflow = result === 1n << top;
    adjust = (result & 0xfn) === 0n;
  } else {
    overflow = result === (1n << top) - 1n;
    adjust = (result & 0xfn) === 0xfn;
  }
  let low = Number(result & 0xffn);
  low ^= low >> 4;
  low ^= low >> 2;
  low ^= low >> 1;
  return (
    (overflow ? OF : 0) |
    ((result >> top) & 1n ? SF : 0) |
    (result === 0n ? ZF : 0) |
    (adjust ? AF : 0) |
    (low & 1 ? 0 : PF) |
    (fc & 1)
  );
}
