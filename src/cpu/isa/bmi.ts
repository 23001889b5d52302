/** BMI1 and BMI2 on general registers, but for MULX (muldiv.ts) and TZCNT (bits.ts). Intel SDM Vol. 2, by instruction name. */
import type { Bool, Builder, Val, Width } from '../builder.ts';
import { asImm } from './common.ts';
import { instruction } from './define.ts';

/** Low eight bits of a control operand as a Val of width 32. */
const lowByte = (b: Builder, width: Width, x: Val): Val =>
  b.and(32, width === 64 ? b.trunc(64, 32, x) : x, b.const(32, 0xff));
const lastBit = (b: Builder, width: Width): Val => b.const(32, width - 1);
const none = (b: Builder): Bool => b.const(8, 0);

/** ANDN: DEST := NOT SRC1 AND SRC2. */
export const ANDN = instruction({
  mnemonic: 'andn',
  encodings: [['VEX.LZ.0F38 F2 /r', 'r, vr, r/m']],
  access: 'w r r',
  flags: { writes: 'oszapc', undefined: 'ap' },
  emit(b, { ops: [dst, x, y], width }) {
    const result = b.and(width, b.not(width, b.read(x)), b.read(y));
    b.write(dst, result);
    b.flagsAfterLogic(width, result);
  },
});

/** The low `count` bits set; all for a count of `width` or more. `count` is 0 to 255, of width 32. */
const lowMask = (b: Builder, width: Width, count: Val): Val => {
  const ones = b.const(width, -1);
  const above = b.shl(width, ones, b.and(32, count, lastBit(b, width)));
  return b.select(width, b.ltU(32, count, b.const(32, width)), b.not(width, above), ones);
};

/** BEXTR: DEST := the bits of SRC1 from SRC2[7:0] on, SRC2[15:8] of them. */
export const BEXTR = instruction({
  mnemonic: 'bextr',
  encodings: [['VEX.LZ.0F38 F7 /r', 'r, r/m, vr']],
  access: 'w r r',
  flags: { writes: 'oszapc', undefined: 'sap' },
  emit(b, { ops: [dst, src, control], width }) {
    const x = b.read(src);
    const fields = b.read(control);
    const start = lowByte(b, width, fields);
    const length = lowByte(b, width, b.shrU(width, fields, b.const(32, 8)));
    const inside = b.ltU(32, start, b.const(32, width));
    const shifted = b.shrU(width, x, b.and(32, start, lastBit(b, width)));
    const extracted = b.and(width, shifted, lowMask(b, width, length));
    const result = b.select(width, inside, extracted, b.const(width, 0));
    b.write(dst, result);
    b.flagsAfterLogic(width, result);
  },
});

/** BLSI, BLSMSK, BLSR: isolate the lowest one bit, mask up to it, reset it. CF says whether SRC is 0 (BLSI: is not). */
const lowestBit = (
  mnemonic: string,
  n: number,
  carryIfZero: boolean,
  compute: (b: Builder, width: Width, x: Val, less: Val) => Val,
) =>
  instruction({
    mnemonic,
    encodings: [[`VEX.LZ.0F38 F3 /${n}`, 'vr, r/m']],
    access: 'w r',
    flags: { writes: 'oszapc', undefined: 'ap' },
    emit(b, { ops: [dst, src], width }) {
      const x = b.read(src);
      const result = compute(b, width, x, b.sub(width, x, b.const(width, 1)));
      b.write(dst, result);
      const zero = b.isZero(width, x);
      b.flagsFromResult(width, result, { c: carryIfZero ? zero : b.boolNot(zero), o: none(b) });
    },
  });
export const BLSR = lowestBit('blsr', 1, true, (b, width, x, less) => b.and(width, x, less));
export const BLSMSK = lowestBit('blsmsk', 2, true, (b, width, x, less) => b.xor(width, x, less));
export const BLSI = lowestBit('blsi', 3, false, (b, width, x) => b.and(width, x, b.neg(width, x)));

/** BZHI: DEST := the low SRC2[7:0] bits of SRC1; CF if that is more than there are. */
export const BZHI = instruction({
  mnemonic: 'bzhi',
  encodings: [['VEX.LZ.0F38 F5 /r', 'r, r/m, vr']],
  access: 'w r r',
  flags: { writes: 'oszapc', undefined: 'ap' },
  emit(b, { ops: [dst, src, control], width }) {
    const x = b.read(src);
    const count = lowByte(b, width, b.read(control));
    const result = b.and(width, x, lowMask(b, width, count));
    b.write(dst, result);
    b.flagsFromResult(width, result, { c: b.ltU(32, b.const(32, width - 1), count), o: none(b) });
  },
});

/** RORX: DEST := SRC rotated right; no flags. */
export const RORX = instruction({
  mnemonic: 'rorx',
  encodings: [['VEX.LZ.F2.0F3A F0 /r ib', 'r, r/m, imm8']],
  access: 'w r r',
  emit(b, { ops: [dst, src, count], width }) {
    b.write(dst, b.rotr(width, b.read(src), b.const(32, Number(asImm(count).value) & (width - 1))));
  },
});

/** SARX, SHLX, SHRX: shifts with the count in any register; no flags. */
const shiftBy = (mnemonic: string, prefix: string, compute: (b: Builder, width: Width, x: Val, n: Val) => Val) =>
  instruction({
    mnemonic,
    encodings: [[`VEX.LZ.${prefix}.0F38 F7 /r`, 'r, r/m, vr']],
    access: 'w r r',
    emit(b, { ops: [dst, src, count], width }) {
      const by = b.and(32, lowByte(b, width, b.read(count)), lastBit(b, width));
      b.write(dst, compute(b, width, b.read(src), by));
    },
  });
export const SHLX = shiftBy('shlx', '66', (b, width, x, n) => b.shl(width, x, n));
export const SARX = shiftBy('sarx', 'F3', (b, width, x, n) => b.shrS(width, x, n));
export const SHRX = shiftBy('shrx', 'F2', (b, width, x, n) => b.shrU(width, x, n));

/**
 * The moves that gather the bits of `mask` at the bottom, by powers of two: step i moves the bits of its result by 2^i.
 * A bit has to move by the number of zeros below it; each step takes one binary digit of that number.
 */
function gatherSteps(b: Builder, width: Width, mask: Val): Val[] {
  const steps: Val[] = [];
  let kept = mask;
  let zeros = b.shl(width, b.not(width, mask), b.const(32, 1));
  for (let by = 1; by < width; by *= 2) {
    let parity = zeros; // of the zeros below each bit
    for (let n = 1; n < width; n *= 2) parity = b.xor(width, parity, b.shl(width, parity, b.const(32, n)));
    const moving = b.and(width, parity, kept);
    steps.push(moving);
    kept = b.or(width, b.xor(width, kept, moving), b.shrU(width, moving, b.const(32, by)));
    zeros = b.and(width, zeros, b.not(width, parity));
  }
  return steps;
}

/** PEXT: the bits of SRC1 under the mask SRC2, side by side at the bottom. */
export const PEXT = instruction({
  mnemonic: 'pext',
  encodings: [['VEX.LZ.F3.0F38 F5 /r', 'r, vr, r/m']],
  access: 'w r r',
  emit(b, { ops: [dst, src, select], width }) {
    const mask = b.read(select);
    let x = b.and(width, b.read(src), mask);
    for (const [i, moving] of gatherSteps(b, width, mask).entries()) {
      const t = b.and(width, x, moving);
      x = b.or(width, b.xor(width, x, t), b.shrU(width, t, b.const(32, 1 << i)));
    }
    b.write(dst, x);
  },
});

/** PDEP: the low bits of SRC1 spread over the bits of the mask SRC2. */
export const PDEP = instruction({
  mnemonic: 'pdep',
  encodings: [['VEX.LZ.F2.0F38 F5 /r', 'r, vr, r/m']],
  access: 'w r r',
  emit(b, { ops: [dst, src, select], width }) {
    const mask = b.read(select);
    let x = b.read(src);
    const steps = gatherSteps(b, width, mask);
    for (let i = steps.length - 1; i >= 0; i--) {
      const spread = b.and(width, b.shl(width, x, b.const(32, 1 << i)), steps[i]);
      x = b.or(width, b.and(width, x, b.not(width, steps[i])), spread);
    }
    b.write(dst, b.and(width, x, mask));
  },
});
