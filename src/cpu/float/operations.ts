/**
 * Floating-point operations as an `emit` uses them: SSE, AVX and FMA. Each is Builder.float with what WebAssembly
 * computes and a cheap test for operands and results with which that is not enough; float/lanes.ts has the exact way.
 *
 * Packed operands and results are lists of one or two Vecs (128 or 256 bits), so that all lanes raise one exception.
 */
import type { Bool, Builder, Float, FloatKnowledge, Val, Vec } from '../builder.ts';
import { optionOf, ROUND_BY_MXCSR, ROUND_QUIETLY } from './lanes.ts';

export type Scalar = 'f32' | 'f64';
export type Packed = 'f32x4' | 'f64x2';
type ScalarValue = Float<32> | Float<64>;
export type Vecs = readonly Vec[];
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div';

const scalarOf = (shape: Packed): Scalar => (shape === 'f32x4' ? 'f32' : 'f64');
const lanesOf = (shape: Packed, x: Vecs): number => (shape === 'f32x4' ? 4 : 2) * x.length;
const letterOf = (type: Scalar): 's' | 'd' => (type === 'f32' ? 's' : 'd');

// ---- tests of one number
const shift = (b: Builder, count: number): Val => b.const(32, count);
function bitsOf(b: Builder, type: Scalar, x: ScalarValue): Val {
  return type === 'f32' ? b.vec('i32.reinterpret_f32', x as Float<32>) : b.vec('i64.reinterpret_f64', x as Float<64>);
}
/** Twice a denormal number's bits, less 1, have no bits where the exponent is; those of zero have all. */
function isDenormal(b: Builder, type: Scalar, x: ScalarValue): Bool {
  const width = type === 'f32' ? 32 : 64;
  const less = b.sub(width, b.shl(width, bitsOf(b, type, x), shift(b, 1)), b.const(width, 1));
  return b.isZero(width, b.shrU(width, less, shift(b, type === 'f32' ? 24 : 53)));
}
/** Zero, denormal, infinite or a NaN, or not fast mode: 1 more than such an exponent has no bits but the lowest one. */
function isNotNormal(b: Builder, type: Scalar, x: ScalarValue, known: FloatKnowledge): Bool {
  const bits = bitsOf(b, type, x);
  const next =
    type === 'f32'
      ? b.add(32, bits, b.const(32, 1 << 23))
      : b.add(32, b.trunc(64, 32, b.shrU(64, bits, shift(b, 52))), b.const(32, 1));
  return b.isZero(32, b.and(32, next, known.exponents(type)));
}
const isNan = (b: Builder, type: Scalar, x: ScalarValue): Bool =>
  type === 'f32' ? b.vec('f32.ne', x as Float<32>, x as Float<32>) : b.vec('f64.ne', x as Float<64>, x as Float<64>);

// ---- tests of lanes, as masks
const INTEGERS = { f32x4: 'i32x4', f64x2: 'i64x2' } as const;
const splat = (b: Builder, shape: Packed, x: bigint): Vec => {
  const half = shape === 'f64x2' ? x : (BigInt.asUintN(32, x) << 32n) | BigInt.asUintN(32, x);
  return b.vecConst(half, half);
};
const SIGN = { f32x4: 1n << 31n, f64x2: 1n << 63n } as const;
/** Twice the bits of the smallest normal number. */
const SMALLEST = { f32x4: 1n << 24n, f64x2: 1n << 53n } as const;
/** Twice the bits plus a constant, for signed comparisons: the sum has its top bit flipped. */
const twicePlus = (b: Builder, shape: Packed, x: Vec, more: bigint): Vec =>
  b.vec(`${INTEGERS[shape]}.add`, b.vec(`${INTEGERS[shape]}.shl`, x, shift(b, 1)), splat(b, shape, more - SIGN[shape]));

/** Not zero, but below a number, twice whose bits are `limit`. */
function isTiny(b: Builder, shape: Packed, x: Vec, limit = SMALLEST[shape]): Vec {
  return b.vec(`${INTEGERS[shape]}.gt_s`, splat(b, shape, limit - 1n - SIGN[shape]), twicePlus(b, shape, x, -1n));
}
/** Zero, denormal, infinite or a NaN, or not fast mode. */
function areNotNormal(b: Builder, shape: Packed, x: Vec, known: FloatKnowledge): Vec {
  const exponents = known.exponents(shape);
  const own = b.vec('v128.and', x, exponents);
  const equal = (y: Vec): Vec => b.vec(`${INTEGERS[shape]}.eq`, own, y);
  return b.vec('v128.or', equal(b.vecConst(0n, 0n)), equal(exponents));
}
/** Zero or denormal, or not fast mode: cheaper than isTiny, whose constants have to be made. */
const areSmall = (b: Builder, shape: Packed, x: Vec, known: FloatKnowledge): Vec =>
  b.vec(`${INTEGERS[shape]}.eq`, b.vec('v128.and', x, known.exponents(shape)), b.vecConst(0n, 0n));
const areNans = (b: Builder, shape: Packed, x: Vec): Vec => b.vec(`${shape}.ne`, x, x);
/** Whether a lane of a mask is set: its value is only that it is not 0. */
const some = (b: Builder, masks: readonly Vec[]): readonly Bool[] =>
  masks.length === 0
    ? []
    : [
        b.vec(
          'i32x4.bitmask',
          masks.reduce((all, one) => b.vec('v128.or', all, one)),
        ),
      ];

// ---- zeros, which no test of exponents tells from tiny numbers
/** Whether a result of zero is exact: every sum's is, and those of factors and dividends of zero. */
function isExactZero(b: Builder, type: Scalar, op: Arithmetic, x: ScalarValue, y: ScalarValue, r: ScalarValue): Bool {
  const width = type === 'f32' ? 32 : 64;
  const isZero = (one: ScalarValue): Bool => b.isZero(width, b.shl(width, bitsOf(b, type, one), shift(b, 1)));
  if (op === 'add' || op === 'sub') return isZero(r);
  return b.boolAnd(isZero(r), op === 'div' ? isZero(x) : b.boolOr(isZero(x), isZero(y)));
}
function areExactZeros(b: Builder, shape: Packed, op: Arithmetic, x: Vec, y: Vec, r: Vec): Vec {
  const areZeros = (one: Vec): Vec => b.vec(`${shape}.eq`, one, b.vecConst(0n, 0n));
  if (op === 'add' || op === 'sub') return areZeros(r);
  return b.vec('v128.and', areZeros(r), op === 'div' ? areZeros(x) : b.vec('v128.or', areZeros(x), areZeros(y)));
}

// ---- arithmetic
export function scalarArithmetic<T extends ScalarValue>(b: Builder, type: Scalar, op: Arithmetic, x: T, y: T): T {
  const [result] = b.float<T>({
    func: `${op}.${type}`,
    option: optionOf(1, 0),
    operands: [[x], [y]],
    types: [letterOf(type), letterOf(type)],
    result: letterOf(type),
    needsFastMode: true,
    fast: () => [b.vec(`${type}.${op}` as 'f64.add', x as Float<64>, y as Float<64>) as ScalarValue as T],
    unusual: ([r], known) => [
      ...[x, y].filter((one) => !known.isCalm(one, type)).map((one) => isDenormal(b, type, one)),
      isNotNormal(b, type, r, known),
    ],
    harmless: ([r], known) => {
      const isFast = b.ne(32, known.exponents(type), b.const(32, 0));
      const isTinyOperand = b.boolOr(isDenormal(b, type, x), isDenormal(b, type, y));
      return b.boolAnd(b.boolAnd(isFast, isExactZero(b, type, op, x, y, r)), b.boolNot(isTinyOperand));
    },
    calms: { operands: type, results: type },
  });
  return result;
}
export function packedArithmetic(b: Builder, shape: Packed, op: Arithmetic, x: Vecs, y: Vecs): Vecs {
  return b.float<Vec>({
    func: `${op}.${scalarOf(shape)}`,
    option: optionOf(lanesOf(shape, x), 0),
    operands: [x, y],
    types: ['v', 'v'],
    result: 'v',
    needsFastMode: true,
    fast: () => x.map((one, i) => b.vec(`${shape}.${op}`, one, y[i])),
    unusual: (results, known) => {
      const unknown = [...x, ...y].filter((one) => !known.isCalm(one, shape));
      return some(b, [
        ...unknown.map((one) => areSmall(b, shape, one, known)),
        ...results.map((r) => areNotNormal(b, shape, r, known)),
      ]);
    },
    harmless: (results, known) => {
      const masks = results.flatMap((r, i) => [
        isTiny(b, shape, x[i]),
        isTiny(b, shape, y[i]),
        b.vec('v128.andnot', areNotNormal(b, shape, r, known), areExactZeros(b, shape, op, x[i], y[i], r)),
      ]);
      const isFast = b.vec('v128.any_true', known.exponents(shape));
      return b.boolAnd(isFast, b.isZero(32, some(b, masks)[0]));
    },
    calms: { operands: shape, results: shape },
  });
}

export function scalarRoot<T extends ScalarValue>(b: Builder, type: Scalar, x: T): T {
  const [result] = b.float<T>({
    func: `sqrt.${type}`,
    option: optionOf(1, 0),
    operands: [[x]],
    types: [letterOf(type)],
    result: letterOf(type),
    needsFastMode: true,
    fast: () => [b.vec(`${type}.sqrt` as 'f64.sqrt', x as Float<64>) as ScalarValue as T],
    unusual: ([r], known) => [
      ...(known.isCalm(x, type) ? [] : [isDenormal(b, type, x)]),
      isNotNormal(b, type, r, known),
    ],
    calms: { operands: type, results: type },
  });
  return result;
}
export function packedRoot(b: Builder, shape: Packed, x: Vecs): Vecs {
  return b.float<Vec>({
    func: `sqrt.${scalarOf(shape)}`,
    option: optionOf(lanesOf(shape, x), 0),
    operands: [x],
    types: ['v'],
    result: 'v',
    needsFastMode: true,
    fast: () => x.map((one) => b.vec(`${shape}.sqrt`, one)),
    unusual: (results, known) => {
      const unknown = x.filter((one) => !known.isCalm(one, shape));
      return some(b, [
        ...unknown.map((one) => isTiny(b, shape, one)),
        ...results.map((r) => areNotNormal(b, shape, r, known)),
      ]);
    },
    calms: { operands: shape, results: shape },
  });
}

/**
 * x * y + z with one rounding; of NaNs the first one of x, y, z. With 1 lane only the lowest one counts.
 *
 * WebAssembly has no such operation (but a relaxed one, which may round twice). Of f32, f64 holds the product exactly, and
 * rounding the sum twice is wrong only where the second rounding sees a tie. Of f64: multiplyAdd64.
 */
export function packedMultiplyAdd(b: Builder, shape: Packed, x: Vecs, y: Vecs, z: Vecs, lanes?: 1): Vecs {
  const isF32 = shape === 'f32x4';
  const singles = isF32 ? x.map((one, i) => new MultiplyAdd32(b, one, y[i], z[i], lanes === undefined)) : [];
  const considered = (mask: Vec) =>
    lanes === undefined ? mask : b.vec('v128.and', mask, b.vecConst(isF32 ? 0xffff_ffffn : -1n, 0n));
  return b.float<Vec>({
    func: `fma.${scalarOf(shape)}`,
    option: optionOf(lanes ?? lanesOf(shape, x), 0),
    operands: [x, y, z],
    types: ['v', 'v', 'v'],
    result: 'v',
    needsFastMode: true,
    fast: () => (isF32 ? singles.map((one) => one.result()) : x.map((one, i) => multiplyAdd64(b, one, y[i], z[i]))),
    unusual: (results, known) =>
      some(
        b,
        results.flatMap((r, i) => {
          const masks = [
            areNotNormal(b, shape, r, known),
            isTiny(b, shape, z[i]),
            ...(isF32
              ? [isTiny(b, shape, x[i]), isTiny(b, shape, y[i]), singles[i].isTie()]
              : [isExtreme(b, x[i]), isExtreme(b, y[i]), isHuge(b, z[i])]),
          ];
          return masks.map(considered);
        }),
      ),
  });
}

/** Four lanes of f32 by way of f64; or the lowest two, where one is enough. */
class MultiplyAdd32 {
  private readonly _b: Builder;
  private readonly _sums: Vecs;
  constructor(b: Builder, x: Vec, y: Vec, z: Vec, all: boolean) {
    this._b = b;
    const sumOf = (isHigh: boolean) => {
      const [p, q, r] = [x, y, z].map((one) =>
        b.vec('f64x2.promote_low_f32x4', isHigh ? b.shuffle(one, one, HIGH_HALF) : one),
      );
      return b.vec('f64x2.add', b.vec('f64x2.mul', p, q), r);
    };
    this._sums = all ? [sumOf(false), sumOf(true)] : [sumOf(false)];
  }
  result(): Vec {
    return joinLows(
      this._b,
      this._sums.map((sum) => this._b.vec('f32x4.demote_f64x2_zero', sum)),
    )[0];
  }
  /** A mask, not by lanes of the result: whether the bits that go away are those of a tie. */
  isTie(): Vec {
    const b = this._b;
    const ties = this._sums.map((sum) => {
      const rest = b.vec('v128.and', sum, b.vecConst(0x1fff_ffffn, 0x1fff_ffffn));
      return b.vec('i64x2.eq', rest, b.vecConst(0x1000_0000n, 0x1000_0000n));
    });
    return ties.length === 1 ? ties[0] : b.vec('v128.or', ties[0], ties[1]);
  }
}
const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/**
 * f64 lanes, by error-free transformations and one addition rounded to odd: S. Boldo, G. Melquiond, "Emulation of a FMA
 * and Correctly Rounded Sums: Proved Algorithms Using Rounding to Odd" (2008). Right where no step over- or underflows.
 */
function multiplyAdd64(b: Builder, x: Vec, y: Vec, z: Vec): Vec {
  const add = (p: Vec, q: Vec) => b.vec('f64x2.add', p, q);
  const sub = (p: Vec, q: Vec) => b.vec('f64x2.sub', p, q);
  const mul = (p: Vec, q: Vec) => b.vec('f64x2.mul', p, q);
  /** The sum, and what it lost (D. Knuth). */
  const twoSum = (p: Vec, q: Vec): readonly [sum: Vec, error: Vec] => {
    const sum = add(p, q);
    const other = sub(sum, p);
    return [sum, add(sub(p, sub(sum, other)), sub(q, other))];
  };
  /** The upper 26 bits, and the rest (G. Veltkamp). */
  const split = (p: Vec): readonly [high: Vec, low: Vec] => {
    const scaled = mul(p, b.vecConst(SPLITTER, SPLITTER));
    const high = sub(scaled, sub(scaled, p));
    return [high, sub(p, high)];
  };
  const product = mul(x, y);
  const [[xHigh, xLow], [yHigh, yLow]] = [split(x), split(y)];
  const lost = sub(sub(sub(product, mul(xHigh, yHigh)), mul(xLow, yHigh)), mul(xHigh, yLow));
  const productError = sub(mul(xLow, yLow), lost);
  const [lowSum, lowError] = twoSum(z, productError);
  const [highSum, highError] = twoSum(product, lowSum);
  // Rounded to odd: where it is inexact and its last bit is 0, the neighbour toward what was lost.
  const [rest, restError] = twoSum(lowError, highError);
  const zero = b.vecConst(0n, 0n);
  const one = b.vecConst(1n, 1n);
  const direction = b.vec('v128.or', b.vec('i64x2.shr_s', b.vec('v128.xor', rest, restError), shift(b, 63)), one);
  const isEven = b.vec('i64x2.sub', b.vec('v128.and', rest, one), one);
  const inexact = b.vec('f64x2.ne', restError, zero);
  const odd = b.vec('i64x2.add', rest, b.vec('v128.and', direction, b.vec('v128.and', isEven, inexact)));
  return add(highSum, odd);
}
/** 2^27 + 1 */
const SPLITTER = 0x41a0_0000_0200_0000n;
/** Not zero, and beyond 2^-450 to 2^450 in size. */
function isExtreme(b: Builder, x: Vec): Vec {
  const [low, high] = [1023n - 450n, 1023n + 450n].map((exponent) => exponent << 53n);
  const beyond = b.vec('i64x2.gt_s', twicePlus(b, 'f64x2', x, -low), splat(b, 'f64x2', high - low - SIGN.f64x2));
  return b.vec('v128.and', beyond, b.vec('f64x2.ne', x, b.vecConst(0n, 0n)));
}
/** Beyond 2^900, infinite or a NaN. */
const isHuge = (b: Builder, x: Vec): Vec =>
  b.vec('v128.not', b.vec('f64x2.lt', b.vec('f64x2.abs', x), splat(b, 'f64x2', (1023n + 900n) << 52n)));

/** MIN and MAX: the second operand unless the first one is really beyond it. With 1 lane only the lowest one counts. */
export function packedExtreme(b: Builder, shape: Packed, op: 'min' | 'max', x: Vecs, y: Vecs, lanes?: 1): Vecs {
  return b.float<Vec>({
    func: `${op}.${scalarOf(shape)}`,
    option: optionOf(lanes ?? lanesOf(shape, x), 0),
    operands: [x, y],
    types: ['v', 'v'],
    result: 'v',
    needsFastMode: false,
    fast: () => x.map((one, i) => b.vec(`${shape}.p${op}`, y[i], one)),
    unusual: (_results, known) => comparisonIsUnusual(b, shape, x, y, lanes, known),
  });
}
function comparisonIsUnusual(
  b: Builder,
  shape: Packed,
  x: Vecs,
  y: Vecs,
  lanes: 1 | undefined,
  known: FloatKnowledge,
): readonly Bool[] {
  const type = scalarOf(shape);
  const unknown = [...x, ...y].filter((one) => !known.isCalm(one, lanes === undefined ? shape : type));
  if (lanes === undefined)
    return some(
      b,
      unknown.flatMap((one) => [isTiny(b, shape, one), areNans(b, shape, one)]),
    );
  return unknown.flatMap((one) => {
    const low = b.vec(`${shape}.extract_lane` as 'f64x2.extract_lane', one, 0);
    return [isDenormal(b, type, low), isNan(b, type, low)];
  });
}

/** CMPPS and its like: all ones where the predicate (0 to 31) holds, else zero. With 1 lane only the lowest one counts. */
export function packedCompare(b: Builder, shape: Packed, predicate: number, x: Vecs, y: Vecs, lanes?: 1): Vecs {
  return b.float<Vec>({
    func: `compare.${scalarOf(shape)}`,
    option: optionOf(lanes ?? lanesOf(shape, x), predicate),
    operands: [x, y],
    types: ['v', 'v'],
    result: 'v',
    needsFastMode: false,
    fast: () => x.map((one, i) => compareOrdered(b, shape, predicate & 15, one, y[i])),
    unusual: (_results, known) => comparisonIsUnusual(b, shape, x, y, lanes, known),
  });
}
/** Of numbers that are no NaNs. Predicates 0 to 15: EQ, LT, LE, never, NEQ, GE, GT, always; EQ, LT, LE, never, NEQ, GE, GT, always. */
function compareOrdered(b: Builder, shape: Packed, predicate: number, x: Vec, y: Vec): Vec {
  const kind = predicate & 3;
  if (kind === 3) return b.vecConst(predicate & 4 ? -1n : 0n, predicate & 4 ? -1n : 0n);
  const holds = b.vec(kind === 0 ? `${shape}.eq` : kind === 1 ? `${shape}.lt` : `${shape}.le`, x, y);
  return predicate & 4 ? b.vec('v128.not', holds) : holds;
}

/** Both operands as (U)COMISS and (U)COMISD compare them. `quiet`: a quiet NaN is no exception. */
export function comparands<T extends ScalarValue>(b: Builder, type: Scalar, quiet: boolean, x: T, y: T): readonly T[] {
  return b.float<T>({
    func: `order.${type}`,
    option: quiet ? 1 : 0,
    operands: [[x], [y]],
    types: [letterOf(type), letterOf(type)],
    result: letterOf(type),
    results: 2,
    needsFastMode: false,
    fast: () => [x, y],
    unusual: (_results, known) =>
      [x, y]
        .filter((one) => !known.isCalm(one, type))
        .flatMap((one) => [isDenormal(b, type, one), isNan(b, type, one)]),
  });
}

// ---- conversions
/** How to round: the low bits of ROUNDPS's immediate (nearest, down, up, toward zero), or as MXCSR says. */
export const TRUNCATE = 3;
const TO_INTEGERS = ['nearest', 'floor', 'ceil', 'trunc'] as const;
/** In fast mode MXCSR says nearest. */
const rounder = (rounding: number) => TO_INTEGERS[rounding & ROUND_BY_MXCSR ? 0 : rounding & 3];

const F32_LIMITS = { 32: 0x4f00_0000, 64: 0x5f00_0000 } as const;
const F64_LIMITS = { 32: 0x41e0n << 48n, 64: 0x43e0n << 48n } as const;

/** An integer of 32 or 64 bits; the lowest one if it does not fit. */
export function scalarToInteger(b: Builder, type: Scalar, width: 32 | 64, x: ScalarValue, rounding: number): Val {
  const [result] = b.float<Val>({
    func: `toInt${width}.${type}`,
    option: optionOf(1, rounding),
    operands: [[x]],
    types: [letterOf(type)],
    result: width === 32 ? 'i' : 'l',
    needsFastMode: true,
    fast: () => {
      const how = rounder(rounding);
      if (type === 'f32') {
        const rounded = how === 'trunc' ? (x as Float<32>) : b.vec(`f32.${how}`, x as Float<32>);
        return [width === 64 ? b.vec('i64.trunc_sat_f32_s', rounded) : b.vec('i32.trunc_sat_f32_s', rounded)];
      }
      const rounded = how === 'trunc' ? (x as Float<64>) : b.vec(`f64.${how}`, x as Float<64>);
      return [width === 64 ? b.vec('i64.trunc_sat_f64_s', rounded) : b.vec('i32.trunc_sat_f64_s', rounded)];
    },
    unusual: () => [b.boolNot(isInside(b, type, width, x, rounding))],
  });
  return result;
}
/** Whether it fits for certain after rounding. */
function isInside(b: Builder, type: Scalar, width: 32 | 64, x: ScalarValue, rounding: number): Bool {
  if (type === 'f32') {
    const limit = b.vec('f32.reinterpret_i32', b.const(32, F32_LIMITS[width]));
    return b.vec('f32.lt', b.vec('f32.abs', x as Float<32>), limit);
  }
  // An f64 just below 2^31 may round up to it.
  const limit = F64_LIMITS[width] - (width === 32 && rounding !== TRUNCATE ? 1n << 21n : 0n);
  return b.vec('f64.lt', b.vec('f64.abs', x as Float<64>), b.vec('f64.reinterpret_i64', b.const(64, limit)));
}
/** An i32 or i64 rounded to a number; an i32 is always exact as f64. */
export function scalarFromInteger(b: Builder, type: Scalar, width: 32 | 64, x: Val): ScalarValue {
  if (type === 'f64' && width === 32) return b.vec('f64.convert_i32_s', x);
  const [result] = b.float<ScalarValue>({
    func: `fromInt${width}.${type}`,
    option: optionOf(1, 0),
    operands: [[x]],
    types: [width === 32 ? 'i' : 'l'],
    result: letterOf(type),
    needsFastMode: true,
    fast: () => [b.vec(`${type}.convert_i${width}_s` as 'f64.convert_i64_s', x)],
    unusual: () => [],
  });
  return result;
}
/** i32 lanes, as many as there are in a Vec of the result. f64x2: of the two low lanes of each Vec, always exact. */
export function packedFromIntegers(b: Builder, shape: Packed, x: Vecs): Vecs {
  if (shape === 'f64x2') return x.map((one) => b.vec('f64x2.convert_low_i32x4_s', one));
  return b.float<Vec>({
    func: 'fromInt32.f32',
    option: optionOf(lanesOf(shape, x), 0),
    operands: [x],
    types: ['v'],
    result: 'v',
    needsFastMode: true,
    fast: () => x.map((one) => b.vec('f32x4.convert_i32x4_s', one)),
    unusual: () => [],
  });
}
/** To i32 lanes. Of f64x2, one Vec with the results of all lanes in the low ones, else zero. */
export function packedToIntegers(b: Builder, shape: Packed, x: Vecs, rounding: number): Vecs {
  const how = rounder(rounding);
  const rounded = (one: Vec) => (how === 'trunc' ? one : b.vec(`${shape}.${how}`, one));
  const limit = shape === 'f32x4' ? BigInt(F32_LIMITS[32]) : F64_LIMITS[32] - (rounding === TRUNCATE ? 0n : 1n << 21n);
  const results = b.float<Vec>({
    func: `toInt32.${scalarOf(shape)}`,
    option: optionOf(lanesOf(shape, x), rounding),
    operands: [x],
    types: ['v'],
    result: 'v',
    results: shape === 'f64x2' ? 1 : x.length,
    needsFastMode: true,
    fast: () => {
      if (shape === 'f32x4') return x.map((one) => b.vec('i32x4.trunc_sat_f32x4_s', rounded(one)));
      return joinLows(
        b,
        x.map((one) => b.vec('i32x4.trunc_sat_f64x2_s_zero', rounded(one))),
      );
    },
    unusual: () =>
      some(
        b,
        x.map((one) => b.vec('v128.not', b.vec(`${shape}.lt`, b.vec(`${shape}.abs`, one), splat(b, shape, limit)))),
      ),
  });
  return shape === 'f64x2' && x.length === 1 ? [withoutHigh(b, results[0])] : results;
}
/** The low halves of two Vecs; one alone stays. */
const joinLows = (b: Builder, x: Vecs): Vecs => (x.length === 1 ? x : [b.shuffle(x[0], x[1], LOW_HALVES)]);
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const withoutHigh = (b: Builder, x: Vec): Vec => b.vec('v128.and', x, b.vecConst(-1n, 0n));

export function scalarPromote(b: Builder, x: Float<32>): Float<64> {
  const [result] = b.float<Float<64>>({
    func: 'promote.f32',
    option: optionOf(1, 0),
    operands: [[x]],
    types: ['s'],
    result: 'd',
    needsFastMode: false,
    fast: () => [b.vec('f64.promote_f32', x)],
    unusual: () => [isDenormal(b, 'f32', x), isNan(b, 'f32', x)],
  });
  return result;
}
export function scalarDemote(b: Builder, x: Float<64>): Float<32> {
  const [result] = b.float<Float<32>>({
    func: 'demote.f64',
    option: optionOf(1, 0),
    operands: [[x]],
    types: ['d'],
    result: 's',
    needsFastMode: true,
    fast: () => [b.vec('f32.demote_f64', x)],
    unusual: ([r], known) => [isNotNormal(b, 'f32', r, known)],
  });
  return result;
}
/** Twice the bits of the smallest normal f32, as f64. */
const SMALLEST_F32 = 0x381n << 53n;
/** The low 64 bits of `x` for each result; of two results, all of it. */
export function packedPromote(b: Builder, x: Vec, results: 1 | 2): Vecs {
  return b.float<Vec>({
    func: 'promote.f32',
    option: optionOf(2 * results, 0),
    operands: [[x]],
    types: ['v'],
    result: 'v',
    results,
    needsFastMode: false,
    fast: () => {
      const halves =
        results === 1 ? [x] : [x, b.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])];
      return halves.map((half) => b.vec('f64x2.promote_low_f32x4', half));
    },
    unusual: (all) =>
      some(
        b,
        all.flatMap((r) => [isTiny(b, 'f64x2', r, SMALLEST_F32), areNans(b, 'f64x2', r)]),
      ),
  });
}
/** To the low f32 lanes of one Vec, the others zero. */
export function packedDemote(b: Builder, x: Vecs): Vec {
  const demoted = () =>
    joinLows(
      b,
      x.map((one) => b.vec('f32x4.demote_f64x2_zero', one)),
    );
  const [result] = b.float<Vec>({
    func: 'demote.f64',
    option: optionOf(2 * x.length, 0),
    operands: [x],
    types: ['v'],
    result: 'v',
    results: 1,
    needsFastMode: true,
    fast: demoted,
    unusual: ([r], known) => {
      const isUnusual = areNotNormal(b, 'f32x4', r, known);
      return some(b, [x.length === 1 ? withoutHigh(b, isUnusual) : isUnusual]);
    },
  });
  return x.length === 1 ? withoutHigh(b, result) : result;
}

/** f16 in the low lanes of `x` to f32: four for each result. */
export function packedPromoteHalves(b: Builder, x: Vec, results: 1 | 2): Vecs {
  return b.float<Vec>({
    func: 'promote.f16',
    option: optionOf(4 * results, 0),
    operands: [[x]],
    types: ['v'],
    result: 'v',
    results,
    needsFastMode: false,
    fast: undefined,
  });
}
/** To f16 in the low lanes of one Vec, the others zero. Rounding: as TRUNCATE has it, or ROUND_BY_MXCSR. */
export function packedDemoteToHalves(b: Builder, x: Vecs, rounding: number): Vec {
  const [result] = b.float<Vec>({
    func: 'demote.f32',
    option: optionOf(4 * x.length, rounding & 7),
    operands: [x],
    types: ['v'],
    result: 'v',
    results: 1,
    needsFastMode: false,
    fast: undefined,
  });
  return x.length === 1 ? withoutHigh(b, result) : result;
}

/** ROUNDPS and its like, by their immediate: rounding, and ROUND_QUIETLY. */
export function packedRound(b: Builder, shape: Packed, x: Vecs, immediate: number): Vecs {
  return b.float<Vec>({
    func: `round.${scalarOf(shape)}`,
    option: optionOf(lanesOf(shape, x), immediate & 15),
    operands: [x],
    types: ['v'],
    result: 'v',
    needsFastMode: needsMode(immediate),
    fast: () => x.map((one) => b.vec(`${shape}.${rounder(immediate)}`, one)),
    unusual: () =>
      some(
        b,
        x.flatMap((one) => [isTiny(b, shape, one), areNans(b, shape, one)]),
      ),
  });
}
export function scalarRound<T extends ScalarValue>(b: Builder, type: Scalar, x: T, immediate: number): T {
  const [result] = b.float<T>({
    func: `round.${type}`,
    option: optionOf(1, immediate & 15),
    operands: [[x]],
    types: [letterOf(type)],
    result: letterOf(type),
    needsFastMode: needsMode(immediate),
    fast: () => [b.vec(`${type}.${rounder(immediate)}` as 'f64.nearest', x as Float<64>) as ScalarValue as T],
    unusual: () => [isDenormal(b, type, x), isNan(b, type, x)],
  });
  return result;
}
const needsMode = (immediate: number): boolean =>
  (immediate & ROUND_QUIETLY) === 0 || (immediate & ROUND_BY_MXCSR) !== 0;
