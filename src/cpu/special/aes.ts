/**
 * Rounds of AES and carry-less multiplication, for isa/aes.ts. FIPS 197; Intel SDM Vol. 2, "AESENC", "PCLMULQDQ". The
 * substitution is sixteen look-ups of sixteen bytes each, without branches or memory.
 */
import { I64, V128 } from '../wasm/code.ts';
import { define, type Func, type Int, op, shuffle, type Value, v128 } from '../wasm/func.ts';

type Vector = Value<typeof V128>;
type Long = Int<typeof I64>;

/** The product of two polynomials modulo x^8 + x^4 + x^3 + x + 1. */
function product(x: number, y: number): number {
  let sum = 0;
  for (let [a, b] = [x, y]; b !== 0; b >>= 1) {
    if (b & 1) sum ^= a;
    a = (a << 1) ^ (a & 0x80 ? 0x11b : 0);
  }
  return sum;
}
/** The S-box, and its inverse. */
function tables(): { forward: number[]; inverse: number[] } {
  const forward: number[] = [];
  const inverse: number[] = [];
  for (let x = 0; x < 256; x++) {
    let reciprocal = 0;
    for (let y = 1; y < 256 && reciprocal === 0; y++) if (product(x, y) === 1) reciprocal = y;
    const rotated = (n: number) => ((reciprocal << n) | (reciprocal >> (8 - n))) & 0xff;
    forward[x] = reciprocal ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63;
    inverse[forward[x]] = x;
  }
  return { forward, inverse };
}

const splat = (byte: number): Vector => {
  const half = BigInt(byte) * 0x0101_0101_0101_0101n;
  return v128(half, half);
};
const bytesOf = (table: readonly number[], from: number): Vector => {
  const half = (at: number) =>
    table.slice(at, at + 8).reduce((all, byte, i) => all | (BigInt(byte) << BigInt(8 * i)), 0n);
  return v128(half(from), half(from + 8));
};

/** table[x] for each byte: numbers beyond a look-up's sixteen bytes give zero. */
function substituted(f: Func, x: Vector, table: readonly number[]): Vector {
  const numbers = f.let(x);
  const result = f.let(op('i8x16.swizzle', bytesOf(table, 0), numbers));
  for (let from = 16; from < 256; from += 16) {
    const found = op('i8x16.swizzle', bytesOf(table, from), op('i8x16.sub', numbers, splat(from)));
    result.set(op('v128.or', result, found));
  }
  return result;
}

/** The state is four columns of four bytes; row r moves by r columns to the left, or to the right. */
const rows = (direction: 1 | -1): number[] =>
  Array.from({ length: 16 }, (_, i) => (4 * ((i >> 2) + direction * (i & 3)) + (i & 3)) & 15);
const shiftRows = (x: Vector, direction: 1 | -1): Vector => shuffle(x, x, rows(direction));
/** Each column's bytes, moved up by n. */
const turned = (x: Vector, n: number): Vector =>
  shuffle(
    x,
    x,
    Array.from({ length: 16 }, (_, i) => (i & 12) | ((i + n) & 3)),
  );
/** Each byte times x. */
const doubled = (x: Vector): Vector =>
  op('v128.xor', op('i8x16.add', x, x), op('v128.and', op('i8x16.gt_s', v128(0n, 0n), x), splat(0x1b)));

/** b(i) = 2a(i) + 3a(i+1) + a(i+2) + a(i+3) */
function mixColumns(f: Func, x: Vector): Vector {
  const next = f.let(turned(x, 1));
  const sum = f.let(op('v128.xor', x, next));
  return op('v128.xor', op('v128.xor', doubled(sum), next), turned(sum, 2));
}
/** The inverse: 5a(i) + 4a(i+2) first. */
function unmixColumns(f: Func, x: Vector): Vector {
  const twice = f.let(doubled(f.let(op('v128.xor', x, turned(x, 2)))));
  return mixColumns(f, f.let(op('v128.xor', x, doubled(twice))));
}

const { forward, inverse } = lazily(tables);
function lazily(make: typeof tables): { forward: () => number[]; inverse: () => number[] } {
  let made: ReturnType<typeof tables> | undefined;
  const get = () => (made ??= make());
  return { forward: () => get().forward, inverse: () => get().inverse };
}

/** Bits of x in reverse. */
function reversed(f: Func, x: Long): Long {
  const v = f.let(x);
  for (const [
    mask,
    by,
  ] of [[0x5555_5555_5555_5555n, 1], [0x3333_3333_3333_3333n, 2], [0x0f0f_0f0f_0f0f_0f0fn, 4]] as const) // biome-ignore format: a list
    v.set(v.shrU(by).and(mask).or(v.and(mask).shl(by)));
  for (const [mask, by] of [
    [0x00ff_00ff_00ff_00ffn, 8],
    [0x0000_ffff_0000_ffffn, 16],
  ] as const)
    v.set(v.shrU(by).and(mask).or(v.and(mask).shl(by)));
  return f.let(v.rotl(32));
}
/**
 * Low 64 bits of the carry-less product: of numbers with every fourth bit at most, a product's carries stay in the three
 * bits between.
 */
function lowProduct(f: Func, x: Long, y: Long): Long {
  const masks = [0x1111_1111_1111_1111n, 0x2222_2222_2222_2222n, 0x4444_4444_4444_4444n, 0x8888_8888_8888_8888n];
  const [xs, ys] = [x, y].map((z) => masks.map((mask) => f.let(z.and(mask))));
  const parts = masks.map((mask, i) => {
    const products = [0, 1, 2, 3].map((j) => xs[j].mul(ys[(i - j) & 3]));
    return products.reduce((sum, one) => sum.xor(one)).and(mask);
  });
  return f.let(parts.reduce((sum, one) => sum.or(one)));
}

export const AES_FUNCS = {
  aesEncrypt: define('aesEncrypt', [V128, V128], [V128], (f, state, key) => {
    const x = f.let(substituted(f, shiftRows(state, 1), forward()));
    return op('v128.xor', mixColumns(f, x), key);
  }),
  aesEncryptLast: define('aesEncryptLast', [V128, V128], [V128], (f, state, key) =>
    op('v128.xor', substituted(f, shiftRows(state, 1), forward()), key),
  ),
  aesDecrypt: define('aesDecrypt', [V128, V128], [V128], (f, state, key) => {
    const x = f.let(substituted(f, shiftRows(state, -1), inverse()));
    return op('v128.xor', unmixColumns(f, x), key);
  }),
  aesDecryptLast: define('aesDecryptLast', [V128, V128], [V128], (f, state, key) =>
    op('v128.xor', substituted(f, shiftRows(state, -1), inverse()), key),
  ),
  aesUnmix: define('aesUnmix', [V128], [V128], (f, x) => unmixColumns(f, x)),
  aesSubstitute: define('aesSubstitute', [V128], [V128], (f, x) => substituted(f, x, forward())),
  /** The 128 bits of the product. */
  carrylessProduct: define('carrylessProduct', [I64, I64], [V128], (f, x, y) => {
    const high = reversed(f, lowProduct(f, reversed(f, x), reversed(f, y)));
    const low = op('i64x2.splat', lowProduct(f, x, y));
    return op('i64x2.replace_lane', low, 1, high.shrU(1));
  }),
};
