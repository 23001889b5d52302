/**
 * Floating-point arithmetic and comparisons on XMM registers: SSE and SSE2. Intel SDM Vol. 2, by instruction name, and
 * Vol. 1, "SIMD Floating-Point Exceptions".
 */
import type { Bool, Builder, Float, Vec } from '../builder.ts';
import {
  type Arithmetic,
  comparands,
  type Packed,
  packedArithmetic,
  packedCompare,
  packedExtreme,
  packedRoot,
  scalarArithmetic,
  scalarRoot,
  type Vecs,
} from '../float/operations.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { asXmm, readVector, splat32, withLowLane, writeVector, zeroVector } from './vector.ts';

/** Lowest lane as a number. */
export const lowF32 = (b: Builder, x: Vec): Float<32> => b.vec('f32x4.extract_lane', x, 0);
export const lowF64 = (b: Builder, x: Vec): Float<64> => b.vec('f64x2.extract_lane', x, 0);
/** x with another number as its lowest lane. */
export const withF32 = (b: Builder, x: Vec, low: Float<32>): Vec => b.vec('f32x4.replace_lane', x, 0, low);
export const withF64 = (b: Builder, x: Vec, low: Float<64>): Vec => b.vec('f64x2.replace_lane', x, 0, low);

const packedForm = (mnemonic: string, opcode: string, compute: (b: Builder, x: Vec, y: Vec) => Vecs): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, 'xmm, xmm/m128']],
    access: 'rw r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src))[0]);
    },
  });
/** The lowest lane alone; the others of DEST stay. */
const scalarForm = (
  mnemonic: string,
  bits: 32 | 64,
  opcode: string,
  compute: (b: Builder, x: Vec, y: Vec) => Vec,
): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${bits === 32 ? 'F3' : 'F2'} 0F ${opcode} /r`, `xmm, xmm/m${bits}`]],
    access: 'rw r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src)));
    },
  });

const arithmetic = (op: Arithmetic, opcode: string): readonly InstructionDef[] => [
  packedForm(`${op}ps`, `NP 0F ${opcode}`, (b, x, y) => packedArithmetic(b, 'f32x4', op, [x], [y])),
  packedForm(`${op}pd`, `66 0F ${opcode}`, (b, x, y) => packedArithmetic(b, 'f64x2', op, [x], [y])),
  scalarForm(`${op}ss`, 32, opcode, (b, x, y) =>
    withF32(b, x, scalarArithmetic(b, 'f32', op, lowF32(b, x), lowF32(b, y))),
  ),
  scalarForm(`${op}sd`, 64, opcode, (b, x, y) =>
    withF64(b, x, scalarArithmetic(b, 'f64', op, lowF64(b, x), lowF64(b, y))),
  ),
];
export const ARITHMETIC: readonly InstructionDef[] = [
  arithmetic('add', '58'), arithmetic('mul', '59'), arithmetic('sub', '5C'), arithmetic('div', '5E'),
].flat(); // biome-ignore format: a list

export const ROOTS: readonly InstructionDef[] = [
  packedForm('sqrtps', 'NP 0F 51', (b, _x, y) => packedRoot(b, 'f32x4', [y])),
  packedForm('sqrtpd', '66 0F 51', (b, _x, y) => packedRoot(b, 'f64x2', [y])),
  scalarForm('sqrtss', 32, '51', (b, x, y) => withF32(b, x, scalarRoot(b, 'f32', lowF32(b, y)))),
  scalarForm('sqrtsd', 64, '51', (b, x, y) => withF64(b, x, scalarRoot(b, 'f64', lowF64(b, y)))),
];

const extreme = (op: 'min' | 'max', opcode: string): readonly InstructionDef[] => [
  packedForm(`${op}ps`, `NP 0F ${opcode}`, (b, x, y) => packedExtreme(b, 'f32x4', op, [x], [y])),
  packedForm(`${op}pd`, `66 0F ${opcode}`, (b, x, y) => packedExtreme(b, 'f64x2', op, [x], [y])),
  scalarForm(`${op}ss`, 32, opcode, (b, x, y) => withLowLane(b, 4, x, packedExtreme(b, 'f32x4', op, [x], [y], 1)[0])),
  scalarForm(`${op}sd`, 64, opcode, (b, x, y) => withLowLane(b, 8, x, packedExtreme(b, 'f64x2', op, [x], [y], 1)[0])),
];
export const EXTREMES: readonly InstructionDef[] = [extreme('min', '5D'), extreme('max', '5F')].flat();

/** CMPPS, CMPPD, CMPSS, CMPSD: all ones where the predicate of the immediate holds, else zero. */
const comparison = (mnemonic: string, type: Packed, opcode: string, source: string, bytes: 4 | 8 | 16) =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} 0F C2 /r ib`, `xmm, ${source}, imm8`]],
    access: 'rw r r',
    emit(b, { ops: [dst, src, imm] }) {
      const [x, y] = [readVector(b, dst), readVector(b, src)];
      const predicate = Number(asImm(imm).value & 7n);
      const [mask] = packedCompare(b, type, predicate, [x], [y], bytes === 16 ? undefined : 1);
      writeVector(b, dst, bytes === 16 ? mask : withLowLane(b, bytes, x, mask));
    },
  });
export const COMPARISONS: readonly InstructionDef[] = [
  comparison('cmpps', 'f32x4', 'NP', 'xmm/m128', 16),
  comparison('cmppd', 'f64x2', '66', 'xmm/m128', 16),
  comparison('cmpss', 'f32x4', 'F3', 'xmm/m32', 4),
  comparison('cmpsd', 'f64x2', 'F2', 'xmm/m64', 8),
];

/** ZF, PF, CF: 000 greater, 001 less, 100 equal, 111 unordered; OF, AF, SF are 0. */
function setOrder(b: Builder, less: Bool, greater: Bool, greaterOrEqual: Bool, unordered: Bool): void {
  const no = b.const(32, 0);
  b.setFlags({
    o: no,
    s: no,
    z: b.boolNot(b.boolOr(less, greater)),
    a: no,
    p: unordered,
    c: b.boolNot(greaterOrEqual),
  });
}
/** COMISS, UCOMISS and their doubles: for the latter a quiet NaN is no exception. */
const ordering = (mnemonic: string, bits: 32 | 64, opcode: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${bits === 32 ? 'NP' : '66'} 0F ${opcode} /r`, `xmm, xmm/m${bits}`]],
    access: 'r r',
    flags: { writes: 'oszapc' },
    emit(b, { ops: [dst, src] }) {
      const [x, y] = [b.readXmm(asXmm(dst).reg), readVector(b, src)];
      const quiet = mnemonic.startsWith('u');
      if (bits === 32) {
        const [p, q] = comparands(b, 'f32', quiet, lowF32(b, x), lowF32(b, y));
        const unordered = b.boolOr(b.vec('f32.ne', p, p), b.vec('f32.ne', q, q));
        setOrder(b, b.vec('f32.lt', p, q), b.vec('f32.gt', p, q), b.vec('f32.ge', p, q), unordered);
      } else {
        const [p, q] = comparands(b, 'f64', quiet, lowF64(b, x), lowF64(b, y));
        const unordered = b.boolOr(b.vec('f64.ne', p, p), b.vec('f64.ne', q, q));
        setOrder(b, b.vec('f64.lt', p, q), b.vec('f64.gt', p, q), b.vec('f64.ge', p, q), unordered);
      }
    },
  });
export const ORDERINGS: readonly InstructionDef[] = [
  ordering('ucomiss', 32, '2E'),
  ordering('ucomisd', 64, '2E'),
  ordering('comiss', 32, '2F'),
  ordering('comisd', 64, '2F'),
];

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
const approximate = (
  mnemonic: string,
  opcode: string,
  bits: 32 | 128,
  of: (b: Builder, x: Vec) => Vec,
): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, `xmm, xmm/m${bits}`]],
    access: 'rw r',
    emit(b, { ops: [dst, src] }) {
      const result = of(b, readVector(b, src));
      writeVector(b, dst, bits === 128 ? result : withLowLane(b, 4, readVector(b, dst), result));
    },
  });
/** RCPPS, RCPSS, RSQRTPS, RSQRTSS. They raise nothing and do not depend on MXCSR. */
export const APPROXIMATIONS: readonly InstructionDef[] = [
  approximate('rcpps', 'NP 0F 53', 128, reciprocal),
  approximate('rcpss', 'F3 0F 53', 32, reciprocal),
  approximate('rsqrtps', 'NP 0F 52', 128, reciprocalRoot),
  approximate('rsqrtss', 'F3 0F 52', 32, reciprocalRoot),
];
