/**
 * Floating-point arithmetic and comparisons on XMM registers: SSE and SSE2. Intel SDM Vol. 2, by instruction name, and
 * Vol. 1, "SSE/SSE2/SSE3 Floating-Point Exceptions". Left out: MXCSR beyond its default (rounding modes, flush to zero,
 * denormals are zeros, exception flags and unmasked exceptions).
 */
import type { Bool, Builder, Float, Vec } from '../builder.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { asXmm, readVector, splat32, withLowLane, writeVector, zeroVector } from './vector.ts';

/** What is not there yet of each instruction that rounds or that may raise exceptions. */
export const MISSING_MXCSR = { missing: 'MXCSR other than 1F80: rounding modes, FTZ, DAZ, exception flags, #XM' };

type Packed = 'f32x4' | 'f64x2';
type Operation = 'add' | 'sub' | 'mul' | 'div';

/** Lowest lane as a number. */
export const lowF32 = (b: Builder, x: Vec): Float<32> => b.vec('f32x4.extract_lane', x, 0);
export const lowF64 = (b: Builder, x: Vec): Float<64> => b.vec('f64x2.extract_lane', x, 0);

const packedForm = (mnemonic: string, opcode: string, compute: (b: Builder, x: Vec, y: Vec) => Vec): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, 'xmm, xmm/m128']],
    access: 'rw r',
    support: MISSING_MXCSR,
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src)));
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
    support: MISSING_MXCSR,
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src)));
    },
  });

const lanewise = (type: Packed, operation: Operation) => (b: Builder, x: Vec, y: Vec) =>
  b.exactNan(type, b.vec(`${type}.${operation}`, x, y), x, y);

function scalar32(b: Builder, operation: Operation, x: Vec, y: Vec): Vec {
  const [p, q] = [lowF32(b, x), lowF32(b, y)];
  return b.vec('f32x4.replace_lane', x, 0, b.exactNan('f32', b.vec(`f32.${operation}`, p, q), p, q));
}
function scalar64(b: Builder, operation: Operation, x: Vec, y: Vec): Vec {
  const [p, q] = [lowF64(b, x), lowF64(b, y)];
  return b.vec('f64x2.replace_lane', x, 0, b.exactNan('f64', b.vec(`f64.${operation}`, p, q), p, q));
}

const arithmetic = (operation: Operation, opcode: string): readonly InstructionDef[] => [
  packedForm(`${operation}ps`, `NP 0F ${opcode}`, lanewise('f32x4', operation)),
  packedForm(`${operation}pd`, `66 0F ${opcode}`, lanewise('f64x2', operation)),
  scalarForm(`${operation}ss`, 32, opcode, (b, x, y) => scalar32(b, operation, x, y)),
  scalarForm(`${operation}sd`, 64, opcode, (b, x, y) => scalar64(b, operation, x, y)),
];
export const ARITHMETIC: readonly InstructionDef[] = [
  arithmetic('add', '58'), arithmetic('mul', '59'), arithmetic('sub', '5C'), arithmetic('div', '5E'),
].flat(); // biome-ignore format: a list

const root = (type: Packed) => (b: Builder, _x: Vec, y: Vec) => b.exactNan(type, b.vec(`${type}.sqrt`, y), y);
export const ROOTS: readonly InstructionDef[] = [
  packedForm('sqrtps', 'NP 0F 51', root('f32x4')),
  packedForm('sqrtpd', '66 0F 51', root('f64x2')),
  scalarForm('sqrtss', 32, '51', (b, x, y) => {
    const p = lowF32(b, y);
    return b.vec('f32x4.replace_lane', x, 0, b.exactNan('f32', b.vec('f32.sqrt', p), p));
  }),
  scalarForm('sqrtsd', 64, '51', (b, x, y) => {
    const p = lowF64(b, y);
    return b.vec('f64x2.replace_lane', x, 0, b.exactNan('f64', b.vec('f64.sqrt', p), p));
  }),
];

/** The second operand unless the first one is really beyond it: also when one is a NaN, and of two zeros. */
const extreme = (operation: 'min' | 'max', opcode: string): readonly InstructionDef[] => {
  const of = (type: Packed) => (b: Builder, x: Vec, y: Vec) => b.vec(`${type}.p${operation}`, y, x);
  return [
    packedForm(`${operation}ps`, `NP 0F ${opcode}`, of('f32x4')),
    packedForm(`${operation}pd`, `66 0F ${opcode}`, of('f64x2')),
    scalarForm(`${operation}ss`, 32, opcode, (b, x, y) => withLowLane(b, 4, x, of('f32x4')(b, x, y))),
    scalarForm(`${operation}sd`, 64, opcode, (b, x, y) => withLowLane(b, 8, x, of('f64x2')(b, x, y))),
  ];
};
export const EXTREMES: readonly InstructionDef[] = [extreme('min', '5D'), extreme('max', '5F')].flat();

/** Predicates 0 to 7: EQ, LT, LE, UNORD, and their negations. */
function compare(b: Builder, type: Packed, predicate: number, x: Vec, y: Vec): Vec {
  const kind = predicate & 3;
  const holds =
    kind === 3
      ? b.vec('v128.or', b.vec(`${type}.ne`, x, x), b.vec(`${type}.ne`, y, y))
      : b.vec(kind === 0 ? `${type}.eq` : kind === 1 ? `${type}.lt` : `${type}.le`, x, y);
  return predicate & 4 ? b.vec('v128.not', holds) : holds;
}
/** CMPPS, CMPPD, CMPSS, CMPSD: all ones where the predicate of the immediate holds, else zero. */
const comparison = (mnemonic: string, type: Packed, opcode: string, source: string, bytes: 4 | 8 | 16) =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} 0F C2 /r ib`, `xmm, ${source}, imm8`]],
    access: 'rw r r',
    support: MISSING_MXCSR,
    emit(b, { ops: [dst, src, imm] }) {
      const x = readVector(b, dst);
      const mask = compare(b, type, Number(asImm(imm).value & 7n), x, readVector(b, src));
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
/** COMISS, UCOMISS and their doubles, which differ in the exception flags that NaNs raise. */
const ordering = (mnemonic: string, bits: 32 | 64, opcode: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${bits === 32 ? 'NP' : '66'} 0F ${opcode} /r`, `xmm, xmm/m${bits}`]],
    access: 'r r',
    flags: { writes: 'oszapc' },
    support: MISSING_MXCSR,
    emit(b, { ops: [dst, src] }) {
      const [x, y] = [b.readXmm(asXmm(dst).reg), readVector(b, src)];
      if (bits === 32) {
        const [p, q] = [lowF32(b, x), lowF32(b, y)];
        const unordered = b.boolOr(b.vec('f32.ne', p, p), b.vec('f32.ne', q, q));
        setOrder(b, b.vec('f32.lt', p, q), b.vec('f32.gt', p, q), b.vec('f32.ge', p, q), unordered);
      } else {
        const [p, q] = [lowF64(b, x), lowF64(b, y)];
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
