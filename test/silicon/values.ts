/** Random numbers from a seed, and values near the edges where instructions go wrong. */

/** Uniform in [0, 1). */
export type Rng = () => number;

/** xorshift128, seeded by splitmix. */
export function rngOf(seed: number): Rng {
  let state = seed >>> 0;
  const split = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [split(), split(), split(), split() | 1];
  return () => {
    const t = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    d = (d ^ (d >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return d / 2 ** 32;
  };
}

export const below = (rng: Rng, n: number): number => Math.floor(rng() * n);
export const chance = (rng: Rng, probability: number): boolean => rng() < probability;
export const pick = <T>(rng: Rng, from: readonly T[]): T => from[below(rng, from.length)];

export const bits = (rng: Rng, count: number): bigint => {
  let x = 0n;
  for (let have = 0; have < count; have += 32) x = (x << 32n) | BigInt(below(rng, 2 ** 32));
  return BigInt.asUintN(count, x);
};

const SMALL = [0n, 1n, 2n, 3n, 7n, 8n, 9n, 15n, 16n, 17n, 31n, 32n, 33n, 63n, 64n, 65n];

/** A value of `width` bits: zero, one, minus one, around the sign, a power of two, a small count, or anything. */
export function interesting(rng: Rng, width: number): bigint {
  const wrap = (x: bigint) => BigInt.asUintN(width, x);
  const near = BigInt(below(rng, 3) - 1);
  switch (below(rng, 10)) {
    case 0:
      return 0n;
    case 1:
      return wrap(-1n - BigInt(below(rng, 2)));
    case 2:
      return wrap(pick(rng, SMALL));
    case 3:
      // The sign boundary of this width or a narrower one.
      return wrap((1n << BigInt(pick(rng, [7, 15, 31, 63]))) + near);
    case 4:
      return wrap((1n << BigInt(below(rng, width))) + near);
    case 5:
      return wrap(-(1n << BigInt(below(rng, width))) + near);
    case 6:
      return wrap((1n << BigInt(width - 1)) + near);
    default:
      return bits(rng, width);
  }
}

/** Patterns of 32 and 64 bits: zeros, ones, halves, limits of integers, denormals, infinities, NaNs quiet and not. */
const SINGLES = [
  0x0000_0000, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x3f00_0000, 0x3fc0_0000, 0x4020_0000, 0xc020_0000, 0x4f00_0000, 0xcf00_0000, 0x4eff_ffff,
  0x5f00_0000, 0xdf00_0000, 0x0000_0001, 0x807f_ffff, 0x0080_0000, 0x7f7f_ffff, 0xff7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_1234, 0x7f80_0001, 0xffa5_5555, 0x4b00_0001,
].map(BigInt); // biome-ignore format: a table
const DOUBLES = [
  0n, 1n << 63n, 0x3ff0n << 48n, 0xbff0n << 48n, 0x3fe0n << 48n, 0x3ff8n << 48n, 0x4004n << 48n, 0xc004n << 48n, 0x41dfffffffc00000n, 0x41dfffffffe00000n, 0x41e0n << 48n,
  0xc1e0n << 48n, 0xc1e0000000200000n, 0x43e0n << 48n, 0xc3e0n << 48n, 1n, 0x800f_ffff_ffff_ffffn, 0x0010n << 48n, 0x7fef_ffff_ffff_ffffn, 0xffef_ffff_ffff_ffffn,
  0x7ff0n << 48n, 0xfff0n << 48n, 0x7ff8n << 48n, 0xfff8_0000_0000_1234n, 0x7ff0_0000_0000_0001n, 0xfff5_5555_5555_5555n, 0x4340_0000_0000_0001n, 0x3690n << 48n, 0x47f0n << 48n,
]; // biome-ignore format: a table
/** A floating-point number as its bits: a special one, one near 1, one that over- or underflows easily, or anything. */
export function floating(rng: Rng, width: 32 | 64): bigint {
  const kind = rng();
  if (kind < 0.3) return pick<bigint>(rng, width === 32 ? SINGLES : DOUBLES);
  const fraction = width === 32 ? 23n : 52n;
  const bias = width === 32 ? 127 : 1023;
  const spread = kind < 0.55 ? 3 : kind < 0.72 ? 34 : 66;
  let exponent = BigInt(bias + below(rng, 2 * spread) - spread);
  // At an end of the range, or so that a product or a root comes there.
  if (kind >= 0.82) exponent = BigInt(pick(rng, [below(rng, 3), 2 * bias - below(rng, 3), bias / 2 + below(rng, 60) - 30, (3 * bias) / 2 + below(rng, 60) - 30]) | 0); // biome-ignore format: four ranges
  const few = chance(rng, 0.4) ? bits(rng, 4) << (fraction - 4n) : bits(rng, Number(fraction));
  return kind < 0.94 ? (bits(rng, 1) << BigInt(width - 1)) | (exponent << fraction) | few : bits(rng, width);
}

const MASKED = 0x1f80, FLAGS = 0x3f, ROUNDING = 0x6000, DENORMALS = 0x8040; // biome-ignore format: one line
/** MXCSR: as programs begin with it, or with other rounding, flushing, exceptions that are there already, and unmasked ones. */
export function mxcsrWord(rng: Rng, unmasks = 0.3): number {
  const flags = chance(rng, 0.3) ? 0x20 : chance(rng, 0.5) ? 0 : below(rng, 64) & FLAGS;
  const rounding = chance(rng, 0.5) ? 0 : below(rng, 0x10000) & ROUNDING;
  const denormals = chance(rng, 0.6) ? 0 : below(rng, 0x10000) & DENORMALS;
  const masks = chance(rng, unmasks) ? below(rng, 0x10000) & MASKED : MASKED;
  return flags | rounding | denormals | masks;
}

/** Exponent words and fractions of 80-bit numbers where x87 goes wrong: denormals, integers' limits, what is no number at all. */
const EXTENDED: readonly (readonly [exponent: number, fraction: bigint])[] = [
  [0, 0n], [0x3fff, 1n << 63n], [0x3ffe, 1n << 63n], [0x4000, 1n << 63n], [0x3fff, 3n << 62n], [0, 1n], [0, (1n << 63n) - 1n], [0, 1n << 63n],
  [1, 1n << 63n], [0x7ffe, (1n << 64n) - 1n], [0x7fff, 1n << 63n], [0x7fff, 3n << 62n], [0x7fff, (3n << 62n) + 0x1234n], [0x7fff, (1n << 63n) + 1n],
  [0x7fff, 0n], [0x7fff, 5n], [0x4000, 1n << 62n], [5, 0n], [0x400d, 0xffff_0000_0000_0000n], [0x400e, 1n << 63n], [0x401d, 0xffff_fffe_0000_0000n],
  [0x401e, 1n << 63n], [0x403d, (1n << 64n) - 2n], [0x403e, 1n << 63n], [0x403a, 0xde0b_6b3a_763f_fff0n], [0x3f80, 1n << 63n], [0x407f, 1n << 63n],
  [0x3c00, 1n << 63n], [0x43ff, 1n << 63n], [0x4000, 0xc90f_daa2_2168_c235n], [0x3ffe, 0xb172_17f7_d1cf_79acn], [0x403e, 0xffff_ffff_ffff_fc00n],
]; // biome-ignore format: a table

/** 10 bytes of an x87 register or an m80. */
export function extendedBytes(rng: Rng): Uint8Array {
  const kind = rng();
  const sign = chance(rng, 0.4) ? 0x8000 : 0;
  let [exponent, fraction] = pick(rng, EXTENDED);
  if (kind > 0.35) {
    const spread = kind < 0.7 ? 3 : kind < 0.85 ? 66 : 16000;
    exponent = 0x3fff + below(rng, 2 * spread) - spread;
    fraction = bits(rng, 63);
    // As after a load of fewer bits, or of a small integer.
    if (chance(rng, 0.5)) fraction &= -1n << BigInt(pick(rng, [10, 11, 39, 40, 56, 60]));
    fraction |= 1n << 63n;
  }
  return Uint8Array.from([...bytesOf(fraction, 8), ...bytesOf(BigInt(sign | exponent), 2)]);
}

/** 16 bytes: lanes of numbers, integers or floating-point, of one width. */
export function vectorBytes(rng: Rng): Uint8Array {
  const kind = below(rng, 6);
  const lane = (width: number) =>
    kind === 0 || kind === 1
      ? floating(rng, 64)
      : kind === 2 || kind === 3
        ? floating(rng, 32)
        : interesting(rng, width);
  const width = kind < 2 ? 64 : kind < 4 ? 32 : pick(rng, [8, 16, 32, 64]);
  const bytes = new Uint8Array(16);
  for (let at = 0; at < 16; at += width / 8) bytes.set(bytesOf(lane(width), width / 8), at);
  return bytes;
}

export const SHIFT_COUNTS: readonly number[] = [0, 1, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 24, 27, 31, 32, 33, 48, 63, 64, 65, 255]; // biome-ignore format: one line

export const bytesOf = (x: bigint, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => Number((x >> BigInt(8 * i)) & 0xffn));
