/**
 * Floating-point arithmetic and comparisons on vector registers: SSE to SSE4.1, and the same with VEX. Intel SDM Vol. 2,
 * by instruction name, and Vol. 1, "SIMD Floating-Point Exceptions".
 */
import type { Builder, Vec } from '../builder.ts';
import {
  type Arithmetic,
  comparands,
  type Packed,
  packedArithmetic,
  packedCompare,
  packedExtreme,
  packedRoot,
  packedRound,
  scalarArithmetic,
  scalarRoot,
  scalarRound,
  type Vecs,
} from '../float/operations.ts';
import { type InstructionDef, instruction } from './define.ts';
import {
  type Defs,
  lowF32,
  lowF64,
  PREFIX,
  packedForms,
  packedUnaryForms,
  type Suffix,
  scalarForms,
  shapeOf,
  withF32,
  withF64,
} from './float-forms.ts';
import { asXmm, lanes, readVector, splat32, splat64, vex, zeroVector } from './vector.ts';

/** Two packed and two scalar instructions on one opcode. */
const four = (name: string, opcode: string, make: (mnemonic: string, suffix: Suffix, opcode: string) => Defs): Defs =>
  (Object.keys(PREFIX) as Suffix[]).flatMap((suffix) => make(name + suffix, suffix, `${PREFIX[suffix]} 0F ${opcode}`));

const arithmetic = (op: Arithmetic, opcode: string): Defs =>
  four(op, opcode, (mnemonic, suffix, code) => {
    if (suffix.startsWith('p'))
      return packedForms(mnemonic, code, (b, x, y) => packedArithmetic(b, shapeOf(suffix), op, x, y));
    if (suffix === 'ss')
      return scalarForms(mnemonic, 32, code, (b, x, y) =>
        withF32(b, x, scalarArithmetic(b, 'f32', op, lowF32(b, x), lowF32(b, y))),
      );
    return scalarForms(mnemonic, 64, code, (b, x, y) =>
      withF64(b, x, scalarArithmetic(b, 'f64', op, lowF64(b, x), lowF64(b, y))),
    );
  });
export const ARITHMETIC: readonly Defs[] = [
  arithmetic('add', '58'), arithmetic('mul', '59'), arithmetic('sub', '5C'), arithmetic('div', '5E'),
]; // biome-ignore format: a list

export const ROOTS: readonly Defs[] = [
  packedUnaryForms('sqrtps', 'NP 0F 51', (b, x) => packedRoot(b, 'f32x4', x)),
  packedUnaryForms('sqrtpd', '66 0F 51', (b, x) => packedRoot(b, 'f64x2', x)),
  scalarForms('sqrtss', 32, 'F3 0F 51', (b, x, y) => withF32(b, x, scalarRoot(b, 'f32', lowF32(b, y)))),
  scalarForms('sqrtsd', 64, 'F2 0F 51', (b, x, y) => withF64(b, x, scalarRoot(b, 'f64', lowF64(b, y)))),
];

const extreme = (op: 'min' | 'max', opcode: string): Defs =>
  four(op, opcode, (mnemonic, suffix, code) => {
    const shape = shapeOf(suffix);
    if (suffix.startsWith('p')) return packedForms(mnemonic, code, (b, x, y) => packedExtreme(b, shape, op, x, y));
    const bits = suffix === 'ss' ? 32 : 64;
    return scalarForms(mnemonic, bits, code, (b, x, y) => packedExtreme(b, shape, op, [x], [y], 1)[0]);
  });
export const EXTREMES: readonly Defs[] = [extreme('min', '5D'), extreme('max', '5F')];

/** CMPPS, CMPPD, CMPSS, CMPSD: all ones where the predicate of the immediate holds, else zero: 8 of them, 32 with VEX. */
export const COMPARISONS: Defs = four('cmp', 'C2', (mnemonic, suffix, code) => {
  const shape = shapeOf(suffix);
  const make = (predicates: number) => {
    if (suffix.startsWith('p'))
      return packedForms(mnemonic, code, (b, x, y, imm) => packedCompare(b, shape, imm & predicates, x, y), true);
    const compare = (b: Builder, x: Vec, y: Vec, imm: number) =>
      packedCompare(b, shape, imm & predicates, [x], [y], 1)[0];
    return scalarForms(mnemonic, suffix === 'ss' ? 32 : 64, code, compare, true);
  };
  return [make(7)[0], make(31)[1]];
});

// ---- neighbouring lanes ----------------------------------------------------------------------------------------------

/** The sign bits of the even lanes. */
const evenSigns = (b: Builder, shape: Packed): Vec =>
  shape === 'f32x4' ? splat64(b, 0x8000_0000n) : b.vecConst(1n << 63n, 0n);
/** ADDSUBPS, ADDSUBPD: odd lanes are added, even ones subtracted: added with another sign, but for NaNs. */
const addSubtract = (suffix: 'ps' | 'pd', prefix: string): Defs =>
  packedForms(`addsub${suffix}`, `${prefix} 0F D0`, (b, x, y) => {
    const shape = shapeOf(suffix);
    const negated = y.map((one) =>
      b.vec('v128.xor', one, b.vec('v128.and', evenSigns(b, shape), b.vec(`${shape}.eq`, one, one))),
    );
    return packedArithmetic(b, shape, 'add', x, negated);
  });
/** HADDPS and its like: neighbours in the first source, then in the second. */
const horizontal = (name: string, op: 'add' | 'sub', opcode: string, suffix: 'ps' | 'pd', prefix: string): Defs =>
  packedForms(name + suffix, `${prefix} 0F ${opcode}`, (b, x, y) => {
    const bytes = suffix === 'ps' ? 4 : 8;
    const pick = (first: 0 | 1) =>
      x.map((one, i) =>
        b.shuffle(one, y[i], lanes(bytes, ...Array.from({ length: 16 / bytes }, (_, n) => 2 * n + first))),
      );
    return packedArithmetic(b, shapeOf(suffix), op, pick(0), pick(1));
  });
export const HORIZONTALS: readonly Defs[] = [
  addSubtract('ps', 'F2'),
  addSubtract('pd', '66'),
  horizontal('hadd', 'add', '7C', 'ps', 'F2'),
  horizontal('hadd', 'add', '7C', 'pd', '66'),
  horizontal('hsub', 'sub', '7D', 'ps', 'F2'),
  horizontal('hsub', 'sub', '7D', 'pd', '66'),
];

/** Lanes of x by bits of a mask, the others zero. */
const selected = (b: Builder, bytes: 4 | 8, x: Vec, mask: number): Vec => {
  const count = 16 / bytes;
  return b.shuffle(x, zeroVector(b), lanes(bytes, ...Array.from({ length: count }, (_, i) => ((mask >> i) & 1 ? i : count)))); // biome-ignore format: one line
};
/** DPPS, DPPD: the sum of the products that the upper bits of the immediate name, to the lanes that the lower ones name. */
function dotProduct(b: Builder, suffix: 'ps' | 'pd', x: Vecs, y: Vecs, imm: number): Vecs {
  const [bytes, shape] = suffix === 'ps' ? ([4, 'f32x4'] as const) : ([8, 'f64x2'] as const);
  const named = (v: Vecs) => v.map((one) => selected(b, bytes, one, imm >> 4));
  const products = packedArithmetic(b, shape, 'mul', named(x), named(y));
  const order = Array.from({ length: 16 / bytes }, (_, i) => i);
  const turned = (v: Vecs, by: number) =>
    v.map((one) => b.shuffle(one, one, lanes(bytes, ...order.map((i) => i ^ by))));
  // Each lane adds in an order of its own: of two NaNs the first one stays.
  const pairs =
    suffix === 'ps'
      ? packedArithmetic(b, shape, 'add', turned(products, 1), products)
      : packedArithmetic(b, shape, 'add', products, turned(products, 1));
  const sums = suffix === 'ps' ? packedArithmetic(b, shape, 'add', pairs, turned(pairs, 2)) : pairs;
  return sums.map((one) => selected(b, bytes, one, imm));
}
export const DOT_PRODUCTS: readonly Defs[] = [
  packedForms('dpps', '66 0F 3A 40', (b, x, y, imm) => dotProduct(b, 'ps', x, y, imm), true),
  packedForms('dppd', '66 0F 3A 41', (b, x, y, imm) => dotProduct(b, 'pd', x, y, imm), true, [128]),
];

/** ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD. */
export const ROUNDINGS: readonly Defs[] = [
  packedUnaryForms('roundps', '66 0F 3A 08', (b, x, imm) => packedRound(b, 'f32x4', x, imm), true),
  packedUnaryForms('roundpd', '66 0F 3A 09', (b, x, imm) => packedRound(b, 'f64x2', x, imm), true),
  scalarForms('roundss', 32, '66 0F 3A 0A', (b, x, y, imm) => withF32(b, x, scalarRound(b, 'f32', lowF32(b, y), imm)), true),
  scalarForms('roundsd', 64, '66 0F 3A 0B', (b, x, y, imm) => withF64(b, x, scalarRound(b, 'f64', lowF64(b, y), imm)), true),
]; // biome-ignore format: long lines

// ---- flags -----------------------------------------------------------------------------------------------------------

/** COMISS, UCOMISS and their doubles: for the latter a quiet NaN is no exception. */
function ordering(mnemonic: string, bits: 32 | 64, opcode: string): Defs {
  const emit: InstructionDef['emit'] = (b, { ops: [dst, src] }) => {
    const [x, y] = [b.readXmm(asXmm(dst).reg), readVector(b, src)];
    const quiet = mnemonic.startsWith('u');
    const numbers =
      bits === 32
        ? comparands(b, 'f32', quiet, lowF32(b, x), lowF32(b, y)).map((one) => b.vec('f64.promote_f32', one))
        : comparands(b, 'f64', quiet, lowF64(b, x), lowF64(b, y));
    const [p, q] = numbers.map((one) => b.vec('i64.reinterpret_f64', one));
    b.flagsAfterOrder(p, q);
  };
  const code = `${bits === 32 ? 'NP' : '66'} 0F ${opcode}`;
  return [code, vex('LIG', code)].map((column, i) =>
    instruction({
      mnemonic: i === 0 ? mnemonic : `v${mnemonic}`,
      encodings: [[`${column} /r`, `xmm, xmm/m${bits}`]],
      access: 'r r',
      flags: { writes: 'oszapc' },
      emit,
    }),
  );
}
export const ORDERINGS: readonly Defs[] = [
  ordering('ucomiss', 32, '2E'),
  ordering('ucomisd', 64, '2E'),
  ordering('comiss', 32, '2F'),
  ordering('comisd', 64, '2F'),
];

// ---- approximations --------------------------------------------------------------------------------------------------

/**
 * 12 bits of the reciprocal of the middle of the interval that x lies in, rounded to nearest: what Intel's processors
 * give, found by trying all of them. Denormals count as zeros, and results that would be denormal become zeros.
 */
function reciprocal(b: Builder, x: Vec): Vec {
  const middle = b.vec('v128.or', b.vec('v128.and', x, splat32(b, 0xffff_f000n)), splat32(b, 0x800n));
  const quotient = b.vec('f32x4.div', splat32(b, ONE), middle);
  // In one interval the quotient is just below a tie, and rounded to 24 bits it is that tie.
  const isBelowTie = b.vec('i32x4.eq', b.vec('v128.and', x, splat32(b, 0x007f_f000n)), splat32(b, 0x007c_0000n));
  const near = twelveBits(b, b.vec('i32x4.add', quotient, isBelowTie));
  const tooLarge = b.vec('i32x4.gt_s', b.vec('v128.and', x, splat32(b, 0x7fff_ffffn)), splat32(b, 0x7e7f_ffffn));
  const sign = b.vec('v128.and', x, splat32(b, 0x8000_0000n));
  return approximation(b, x, b.vec('v128.bitselect', sign, near, tooLarge));
}
/** The same of the reciprocal square root, by intervals twice as wide. */
function reciprocalRoot(b: Builder, x: Vec): Vec {
  const middle = b.vec('v128.or', b.vec('v128.and', x, splat32(b, 0xffff_e000n)), splat32(b, 0x1000n));
  const near = twelveBits(b, b.vec('f32x4.div', splat32(b, ONE), b.vec('f32x4.sqrt', middle)));
  const infinite = b.vec('i32x4.eq', x, splat32(b, INFINITY));
  const negative = b.vec('i32x4.gt_s', zeroVector(b), x);
  const finite = b.vec('v128.andnot', near, infinite);
  return approximation(b, x, b.vec('v128.bitselect', splat32(b, 0xffc0_0000n), finite, negative));
}
const ONE = 0x3f80_0000n, INFINITY = 0x7f80_0000n; // biome-ignore format: one line
const twelveBits = (b: Builder, x: Vec): Vec =>
  b.vec('v128.and', b.vec('i32x4.add', x, splat32(b, 0x400n)), splat32(b, 0xffff_f800n));
/** With infinities for zeros and denormals, and NaNs made quiet. */
function approximation(b: Builder, x: Vec, result: Vec): Vec {
  const isZero = b.vec('i32x4.eq', b.vec('v128.and', x, splat32(b, INFINITY)), zeroVector(b));
  const infinity = b.vec('v128.or', b.vec('v128.and', x, splat32(b, 0x8000_0000n)), splat32(b, INFINITY));
  const quiet = b.vec('v128.or', x, splat32(b, 0x0040_0000n));
  const finite = b.vec('v128.bitselect', infinity, result, isZero);
  return b.vec('v128.bitselect', quiet, finite, b.vec('f32x4.ne', x, x));
}
const each = (b: Builder, x: Vecs, of: (b: Builder, x: Vec) => Vec): Vecs => x.map((one) => of(b, one));
/** RCPPS, RCPSS, RSQRTPS, RSQRTSS. They raise nothing and do not depend on MXCSR. */
export const APPROXIMATIONS: readonly Defs[] = [
  packedUnaryForms('rcpps', 'NP 0F 53', (b, x) => each(b, x, reciprocal)),
  scalarForms('rcpss', 32, 'F3 0F 53', (b, _x, y) => reciprocal(b, y)),
  packedUnaryForms('rsqrtps', 'NP 0F 52', (b, x) => each(b, x, reciprocalRoot)),
  scalarForms('rsqrtss', 32, 'F3 0F 52', (b, _x, y) => reciprocalRoot(b, y)),
];
