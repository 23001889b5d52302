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

export const SHIFT_COUNTS: readonly number[] = [0, 1, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 24, 27, 31, 32, 33, 48, 63, 64, 65, 255]; // biome-ignore format: one line

export const bytesOf = (x: bigint, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => Number((x >> BigInt(8 * i)) & 0xffn));
