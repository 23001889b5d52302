/**
 * Shifts and rotates. Counts are masked to 5 bits (6 for 64-bit operands); a masked count of 0 leaves the flags.
 * Intel SDM Vol. 2, "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR", "SHLD", "SHRD". Where the manual leaves flags undefined:
 * AF is cleared by shifts, OF is computed as for a count of 1, and rotates by an immediate other than 1 leave OF.
 */
import type { Bool, Builder, Val, Width } from '../builder.ts';
import { bitAt } from './common.ts';
import { type Encoding, instruction } from './define.ts';
import type { Operand } from './operand.ts';

const encodings = (n: number): Encoding[] => [
  [`C0 /${n} ib`, 'r/m8, imm8'], [`C1 /${n} ib`, 'r/m, imm8'], [`D0 /${n}`, 'r/m8, 1'], [`D1 /${n}`, 'r/m, 1'],
  [`D2 /${n}`, 'r/m8, CL'], [`D3 /${n}`, 'r/m, CL'],
]; // biome-ignore format: as in the manual

/** The masked count as a Val of width 32, and as a number if it is known. */
function maskedCount(b: Builder, width: Width, operand: Operand): { count: Val; known: number | undefined } {
  const mask = width === 64 ? 63 : 31;
  if (operand.kind === 'imm') {
    const known = Number(operand.value) & mask;
    return { count: b.const(32, known), known };
  }
  return { count: b.and(32, b.zext(8, 32, b.read(operand)), b.const(32, mask)), known: undefined };
}

/** Runs `then` if the count is not 0. */
function unlessZero(b: Builder, { count, known }: { count: Val; known: number | undefined }, then: () => void): void {
  if (known === undefined) b.if(b.ne(32, count, b.const(32, 0)), then);
  else if (known !== 0) then();
}

const topTwoDiffer = (b: Builder, width: Width, x: Val): Bool =>
  b.isNegative(width, b.xor(width, x, b.shl(width, x, b.const(32, 1))));

interface Shifted {
  readonly result: Val;
  /** CF and OF for a count that is not 0. */
  flags(): { c: Bool; o: Bool };
}

const shift = (mnemonic: string, n: number, compute: (b: Builder, width: Width, x: Val, count: Val) => Shifted) =>
  instruction({
    mnemonic,
    encodings: encodings(n),
    access: 'rw r',
    flags: { reads: 'oszapc', writes: 'oszapc', undefined: 'oa' },
    emit(b, { ops: [dst, by], width }) {
      const x = b.read(dst);
      const counted = maskedCount(b, width, by);
      const { result, flags } = compute(b, width, x, counted.count);
      b.write(dst, result);
      unlessZero(b, counted, () => b.flagsFromResult(width, result, flags()));
    },
  });

/** SHL: CF is the last bit shifted out. */
const shiftLeft = (b: Builder, width: Width, x: Val, count: Val): Shifted => {
  const result = b.shl(width, x, count);
  return {
    result,
    flags() {
      // Narrow operands: bit `width` of the shift done in 32 bits. Else bit (width - count) of x.
      const c =
        width < 32
          ? bitAt(b, 32, b.shl(32, b.zext(width, 32, x), count), b.const(32, width))
          : bitAt(b, width, x, b.sub(32, b.const(32, width), count));
      return { c, o: b.boolXor(b.isNegative(width, result), c) };
    },
  };
};
export const SHL = shift('shl', 4, shiftLeft);
/** The undocumented twin of SHL. */
export const SAL = shift('sal', 6, shiftLeft);

export const SHR = shift('shr', 5, (b, width, x, count) => {
  const result = b.shrU(width, x, count);
  return {
    result,
    flags: () => ({
      c: bitAt(b, width, x, b.sub(32, count, b.const(32, 1))),
      o: topTwoDiffer(b, width, result),
    }),
  };
});

export const SAR = shift('sar', 7, (b, width, x, count) => {
  const result = b.shrS(width, x, count);
  return {
    result,
    flags() {
      const before = b.shrS(width, x, b.sub(32, count, b.const(32, 1)));
      return { c: bitAt(b, width, before, b.const(32, 0)), o: b.const(8, 0) };
    },
  };
});

// ---- rotates ---------------------------------------------------------------------------------------------------------

const rotate = (
  mnemonic: string,
  n: number,
  compute: (b: Builder, width: Width, x: Val, count: Val) => Val,
  flagsOf: (b: Builder, width: Width, result: Val) => { c: Bool; o: Bool },
) =>
  instruction({
    mnemonic,
    encodings: encodings(n),
    access: 'rw r',
    flags: { reads: 'oc', writes: 'oc', undefined: 'o' },
    emit(b, { ops: [dst, by], width }) {
      const x = b.read(dst);
      const counted = maskedCount(b, width, by);
      const result = compute(b, width, x, b.and(32, counted.count, b.const(32, width - 1)));
      b.write(dst, result);
      unlessZero(b, counted, () => {
        const { c, o } = flagsOf(b, width, result);
        b.setFlags(counted.known === undefined || counted.known === 1 ? { c, o } : { c });
      });
    },
  });

/** ROL: CF is the result's low bit. */
export const ROL = rotate(
  'rol',
  0,
  (b, width, x, count) => b.rotl(width, x, count),
  (b, width, result) => {
    const c = bitAt(b, width, result, b.const(32, 0));
    return { c, o: b.boolXor(b.isNegative(width, result), c) };
  },
);

/** ROR: CF is the result's top bit. */
export const ROR = rotate(
  'ror',
  1,
  (b, width, x, count) => b.rotr(width, x, count),
  (b, width, result) => ({ c: b.isNegative(width, result), o: topTwoDiffer(b, width, result) }),
);

interface Through {
  readonly result: Val;
  readonly carry: Bool;
}

/** A rotate of CF and x together where both fit in 64 bits. `count` is 0 to `width`. */
function rotateTogether(b: Builder, width: 8 | 16 | 32, x: Val, carry: Bool, count: Val, left: boolean): Through {
  const all = b.or(64, b.zext(width, 64, x), b.shl(64, b.zext(32, 64, carry), b.const(32, width)));
  const rest = b.sub(32, b.const(32, width + 1), count);
  const rotated = left
    ? b.or(64, b.shl(64, all, count), b.shrU(64, all, rest))
    : b.or(64, b.shrU(64, all, count), b.shl(64, all, rest));
  return { result: b.trunc(64, width, rotated), carry: bitAt(b, 64, rotated, b.const(32, width)) };
}

/** The same for 64 bits, in two steps since the whole has 65. `count` is 1 to 63. */
function rotateTogether64(b: Builder, x: Val, carry: Bool, count: Val, left: boolean): Through {
  const one = b.const(32, 1);
  const rest = b.sub(32, b.const(32, 64), count);
  const c = b.zext(32, 64, carry);
  if (left) {
    const high = b.or(64, b.shl(64, x, count), b.shl(64, c, b.sub(32, count, one)));
    return { result: b.or(64, high, b.shrU(64, b.shrU(64, x, rest), one)), carry: bitAt(b, 64, x, rest) };
  }
  const low = b.or(64, b.shrU(64, x, count), b.shl(64, c, rest));
  return { result: b.or(64, low, b.shl(64, b.shl(64, x, rest), one)), carry: bitAt(b, 64, x, b.sub(32, count, one)) };
}

const rotateThroughCarry = (mnemonic: string, n: number, left: boolean) =>
  instruction({
    mnemonic,
    encodings: encodings(n),
    access: 'rw r',
    flags: { reads: 'oc', writes: 'oc', undefined: 'o' },
    emit(b, { ops: [dst, by], width }) {
      const x = b.read(dst);
      const { count, known } = maskedCount(b, width, by);
      const carry = b.flag('c');
      const turned = (): Through => {
        if (width === 64) return rotateTogether64(b, x, carry, count, left);
        return rotateTogether(b, width, x, carry, modulo(b, width, count), left);
      };
      const finish = ({ result, carry: c }: Through) => {
        b.write(dst, result);
        // OF: the top bit against CF after a left rotate, against the next bit after a right one.
        const o = left ? b.boolXor(b.isNegative(width, result), c) : topTwoDiffer(b, width, result);
        b.setFlags(known === undefined || known === 1 ? { c, o } : { c });
      };
      if (known === 0) b.write(dst, x);
      else if (known !== undefined) finish(turned());
      else
        b.if(
          b.ne(32, count, b.const(32, 0)),
          () => finish(turned()),
          () => b.write(dst, x),
        );
    },
  });

/** A masked count modulo the bits that turn: 9, 17 or 33. */
function modulo(b: Builder, width: 8 | 16 | 32, count: Val): Val {
  if (width === 32) return count;
  // For 0 to 31, count / 9 is (count * 57) >> 9; count / 17 is 0 or 1.
  const quotient =
    width === 8
      ? b.shrU(32, b.mul(32, count, b.const(32, 57)), b.const(32, 9))
      : b.boolNot(b.ltU(32, count, b.const(32, 17)));
  return b.sub(32, count, b.mul(32, quotient, b.const(32, width + 1)));
}

/** RCL, RCR: rotate CF and DEST as one. */
export const RCL = rotateThroughCarry('rcl', 2, true);
export const RCR = rotateThroughCarry('rcr', 3, false);

// ---- double shifts ---------------------------------------------------------------------------------------------------

/** What a double shift by 1 to 63 leaves; for 16 bits and counts above 16, as processors do: DEST comes in again. */
function shiftTwo(b: Builder, width: Width, x: Val, y: Val, count: Val, left: boolean): { result: Val; c: Bool } {
  const one = b.const(32, 1);
  if (width === 16) {
    const [outer, middle] = [b.zext(16, 64, x), b.shl(64, b.zext(16, 64, y), b.const(32, 16))];
    const three = b.or(64, b.or(64, b.shl(64, outer, b.const(32, 32)), middle), outer);
    const shifted = left ? b.shrU(64, b.shl(64, three, count), b.const(32, 32)) : b.shrU(64, three, count);
    const c = left
      ? bitAt(b, 64, three, b.sub(32, b.const(32, 48), count))
      : bitAt(b, 64, three, b.sub(32, count, one));
    return { result: b.trunc(64, 16, shifted), c };
  }
  // The other operand moves by width - count in two steps, so that a count of 0 would be right, too.
  const rest = b.xor(32, count, b.const(32, width - 1));
  const result = left
    ? b.or(width, b.shl(width, x, count), b.shrU(width, b.shrU(width, y, one), rest))
    : b.or(width, b.shrU(width, x, count), b.shl(width, b.shl(width, y, one), rest));
  const c = bitAt(
    b,
    width,
    x,
    b.and(32, b.sub(32, left ? b.const(32, 0) : count, left ? count : one), b.const(32, width - 1)),
  );
  return { result, c };
}

const doubleShift = (mnemonic: string, opcode: number, left: boolean) =>
  instruction({
    mnemonic,
    encodings: [
      [`0F ${opcode.toString(16).toUpperCase()} /r ib`, 'r/m, r, imm8'],
      [`0F ${(opcode + 1).toString(16).toUpperCase()} /r`, 'r/m, r, CL'],
    ],
    access: 'rw r r',
    flags: { reads: 'oszapc', writes: 'oszapc', undefined: 'oa' },
    emit(b, { ops: [dst, src, by], width }) {
      const x = b.read(dst);
      const counted = maskedCount(b, width, by);
      const { result, c } = shiftTwo(b, width, x, b.read(src), counted.count, left);
      b.write(dst, counted.known === 0 ? x : result);
      unlessZero(b, counted, () =>
        b.flagsFromResult(width, result, { c, o: b.isNegative(width, b.xor(width, x, result)) }),
      );
    },
  });

/** SHLD, SHRD: shift DEST, with bits of SRC coming in. */
export const SHLD = doubleShift('shld', 0xa4, true);
export const SHRD = doubleShift('shrd', 0xac, false);
