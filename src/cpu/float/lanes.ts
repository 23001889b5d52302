/**
 * The exact way of SSE and AVX operations: functions on lanes in AREA, with MXCSR's rounding, flushing and masks, that
 * put their results in AREA.result and their exceptions in MXCSR. Intel SDM Vol. 1, "MXCSR Control and Status Register"
 * and "SIMD Floating-Point Exceptions"; Vol. 2, by instruction name.
 *
 * Each takes the number of lanes plus LANES_MASK + 1 times an option, and returns LANES_RAISE if an unmasked exception is
 * to be raised (then MXCSR has its flags), or else LANES_NOT_CALM if an operand or result is denormal or a NaN, or 0. Lanes of operands and results are as wide as their format; y and z begin at
 * AREA.y and AREA.z.
 */
import { STATE } from '../state.ts';
import { I32, I64 } from '../wasm/code.ts';
import { define, type Func, type FuncDef, type Int, i32, i64, load, load16, select, type Var } from '../wasm/func.ts';
import {
  AREA,
  CONTROL_DAZ,
  CONTROL_PC_BIT,
  CONTROL_RC_BIT,
  DE,
  GREATER,
  IE,
  LANES_NOT_CALM,
  LANES_RAISE,
  LESS,
  PE,
  UE,
  ZE,
} from './area.ts';
import { compare, convert, fromInteger, roundToInteger, toInteger } from './convert.ts';
import { add, divide, multiply, multiplyAdd, raise, squareRoot, subtract } from './core.ts';
import { F16_FORMAT, F32_FORMAT, F64_FORMAT, type Format } from './format.ts';
import { type QuickOperation, quickly } from './quick.ts';

type I32Value = Int<typeof I32>;
type I64Value = Int<typeof I64>;

export const LANES_MASK = 15;
const OPTION_BIT = 4;
export const optionOf = (lanes: number, option: number): number => lanes | (option << OPTION_BIT);
/** Rounding as an option: as MXCSR says, or a mode; and the bit that keeps PE quiet. */
export const ROUND_BY_MXCSR = 4;
export const ROUND_QUIETLY = 8;

/** MXCSR as a control word of area.ts. */
const controlOf = (mxcsr: I32Value): I32Value =>
  mxcsr
    .shrU(7)
    .and(0x3f)
    .or(mxcsr.shrU(3).and(3 << CONTROL_RC_BIT))
    .or(3 << CONTROL_PC_BIT)
    .or(mxcsr.and(0x8000).shl(1))
    .or(mxcsr.and(0x40).shl(11));

/** (a lane is not calm) -> LANES_*. Puts the exceptions of an operation in MXCSR. */
const finish = define('finish', [I32], [I32], (f, notCalm) => {
  const mxcsr = f.let(load(I32, STATE.mxcsr));
  const flags = f.let(load(I32, AREA.flags).and(0x3f));
  const unmasked = f.let(flags.and(mxcsr.shrU(7).not()));
  // Those that are found before computing leave no time for the others.
  f.if(unmasked.and(IE | DE | ZE), () => flags.set(flags.and(IE | DE | ZE)));
  f.store(I32, STATE.mxcsr, mxcsr.or(flags));
  return select(unmasked, i32(LANES_RAISE), notCalm.mul(LANES_NOT_CALM));
});

/** A format, or an integer's bytes. */
type LaneType = Format | 4 | 8;
const bytesOf = (type: LaneType): number =>
  typeof type === 'number' ? type : (type.fractionBits + type.exponentBits + 1) / 8;
/** Becomes 1 if a number is denormal or a NaN. */
function noteCalm(notCalm: Var<typeof I32>, type: LaneType, x: I64Value): void {
  if (typeof type === 'number' || type.name === 'f16') return;
  const shifted = x.shl(64 - 8 * bytesOf(type) + 1);
  const infinity = BigInt(type.maxExponent) << BigInt(64 - type.exponentBits);
  const smallest = 1n << BigInt(64 - type.exponentBits);
  notCalm.set(notCalm.or(shifted.gtU(infinity)).or(shifted.sub(1).ltU(smallest - 1n)));
}

const loadLane = (bytes: number, offset: number, i: I32Value): I64Value => {
  const at = i.mul(bytes);
  if (bytes === 8) return load(I64, offset, at);
  return (bytes === 4 ? load(I32, offset, at) : load16(offset, at)).extendU();
};
function storeLane(f: Func, bytes: number, value: I64Value, i: I32Value): void {
  const at = i.mul(bytes);
  if (bytes === 8) f.store(I64, AREA.result, value, at);
  else if (bytes === 4) f.store(I32, AREA.result, value.wrap(), at);
  else f.store16(AREA.result, value.wrap(), at);
}

export type LaneFunc = FuncDef<readonly [typeof I32], readonly [typeof I32]>;
const OPERANDS = [AREA.x, AREA.y, AREA.z];

/** A function of `count` operands with lanes of so many bytes; `body` gives the result of one lane. */
const laneFunc = (
  name: string,
  { count, from, to }: { count: number; from: LaneType; to: LaneType },
  body: (f: Func, x: readonly I64Value[], control: I32Value, option: I32Value) => I64Value,
): LaneFunc =>
  define(name, [I32], [I32], (f, parameter) => {
    f.store(I32, AREA.flags, 0);
    const lanes = f.let(parameter.and(LANES_MASK));
    const option = f.let(parameter.shrU(OPTION_BIT));
    const control = f.let(controlOf(f.let(load(I32, STATE.mxcsr))));
    const i = f.local(I32);
    const notCalm = f.local(I32);
    f.loop((leave) => {
      const x = OPERANDS.slice(0, count).map((at) => f.let(loadLane(bytesOf(from), at, i)));
      const result = f.let(body(f, x, control, option));
      storeLane(f, bytesOf(to), result, i);
      for (const one of x) noteCalm(notCalm, from, one);
      noteCalm(notCalm, to, result);
      i.set(i.add(1));
      f.if(i.eq(lanes), leave);
    });
    return f.call(finish, notCalm);
  });

const only = (f: Func, def: ReturnType<typeof convert>, ...args: readonly unknown[]): I64Value =>
  (f.calls(def, ...(args as never[])) as readonly unknown[])[0] as I64Value;

const withRounding = (f: Func, control: I32Value, option: I32Value): I32Value =>
  f.let(
    select(
      option.and(ROUND_BY_MXCSR),
      f.let(control),
      control.and(~(3 << CONTROL_RC_BIT)).or(option.and(3).shl(CONTROL_RC_BIT)),
    ),
  );

/** The smaller or larger one; the second if both are zeros, or one is a NaN, which is invalid. */
const extreme =
  (format: Format, relation: number) =>
  (f: Func, [x, y]: readonly I64Value[], control: I32Value) => {
    const first = f.let(f.call(compare(format), x, y, 0, control) as I32Value).eq(relation);
    const result = f.let(select(first, x, y));
    const { fractionBits, maxExponent } = format;
    const isDenormal = result.shrU(fractionBits).and(maxExponent).eqz();
    f.if(isDenormal.and(control.and(CONTROL_DAZ).isSet()), () => result.set(signBit(format, result)));
    return result;
  };
const signBit = ({ fractionBits, exponentBits }: Format, x: I64Value): I64Value =>
  x.and(1n << BigInt(fractionBits + exponentBits));

/** By predicate of VCMPPS, its lower four bits: for which relations it holds, a bit each (EQUAL, LESS, GREATER, UNORDERED). */
const HOLDS = [1, 2, 3, 8, 14, 13, 12, 7, 9, 10, 11, 0, 6, 5, 4, 15];
const HOLDS_WORD = HOLDS.reduce((word, holds, i) => word | (BigInt(holds) << BigInt(4 * i)), 0n);
/** Predicates for which a quiet NaN is no exception: EQ, UNORD, NEQ, ORD, ...; of 16 and beyond, the others. */
const QUIET_WORD = 0b1001_1001_1001_1001;
const compareMask =
  (format: Format) =>
  (f: Func, [x, y]: readonly I64Value[], control: I32Value, option: I32Value) => {
    const quiet = i32(QUIET_WORD).shrU(option.and(15)).xor(option.shrU(4)).and(1);
    const relation = f.let(f.call(compare(format), x, y, quiet, control) as I32Value);
    const holds = i64(HOLDS_WORD).shrU(option.and(15).shl(2)).shrU(relation).and(1);
    return holds.neg();
  };

/** (U)COMISS, (U)COMISD: one lane; the result is x, and behind 16 bytes y, as they compare: denormals may be zeros. */
const order = (name: string, format: Format): LaneFunc =>
  define(name, [I32], [I32], (f, quiet) => {
    f.store(I32, AREA.flags, 0);
    const control = f.let(controlOf(f.let(load(I32, STATE.mxcsr))));
    const bytes = bytesOf(format);
    const [x, y] = [AREA.x, AREA.y].map((at) => f.let(loadLane(bytes, at, i32(0))));
    f.calls(compare(format), x, y, quiet, control);
    const notCalm = f.local(I32);
    for (const [i, one] of [x, y].entries()) {
      noteCalm(notCalm, format, one);
      const isDenormal = one.shrU(format.fractionBits).and(format.maxExponent).eqz();
      f.if(isDenormal.and(control.and(CONTROL_DAZ).isSet()), () => one.set(0));
      storeLane(f, bytes, one, i32((16 / bytes) * i));
    }
    return f.call(finish, notCalm);
  });

const integer =
  (format: Format, width: 32 | 64) =>
  (f: Func, [x]: readonly I64Value[], control: I32Value, option: I32Value) =>
    only(f, toInteger(format), x, withRounding(f, control, option), width);

function ofFormat<N extends 'f32' | 'f64'>(name: N, format: Format) {
  const binary = { count: 2, from: format, to: format };
  const unary = { ...binary, count: 1 };
  const arithmetic =
    (quick: QuickOperation, def: (format: Format) => ReturnType<typeof convert>) =>
    (f: Func, x: readonly I64Value[], control: I32Value) => {
      const result = f.local(I64);
      f.block((leave) => {
        quickly(f, format, quick, x, control, (value) => {
          result.set(value);
          leave();
        });
        result.set(only(f, def(format), ...x, control));
      });
      return result;
    };
  return {
    [`add.${name}`]: laneFunc('add', binary, arithmetic('add', add)),
    [`sub.${name}`]: laneFunc('sub', binary, arithmetic('sub', subtract)),
    [`mul.${name}`]: laneFunc('mul', binary, arithmetic('mul', multiply)),
    [`div.${name}`]: laneFunc('div', binary, arithmetic('div', divide)),
    [`sqrt.${name}`]: laneFunc('sqrt', unary, arithmetic('sqrt', squareRoot)),
    [`fma.${name}`]: laneFunc('fma', { ...binary, count: 3 }, (f, x, control) =>
      only(f, multiplyAdd(format), ...x, control),
    ),
    [`min.${name}`]: laneFunc('min', binary, extreme(format, LESS)),
    [`max.${name}`]: laneFunc('max', binary, extreme(format, GREATER)),
    [`compare.${name}`]: laneFunc('compare', { ...binary, to: bytesOf(format) as 4 | 8 }, compareMask(format)),
    [`order.${name}`]: order('order', format),
    [`round.${name}`]: laneFunc('round', unary, (f, [x], control, option) =>
      only(f, roundToInteger(format), x, option.shrU(3).and(1), withRounding(f, control, option)),
    ),
    [`toInt32.${name}`]: laneFunc('toInt32', { count: 1, from: format, to: 4 }, integer(format, 32)),
    [`toInt64.${name}`]: laneFunc('toInt64', { count: 1, from: format, to: 8 }, integer(format, 64)),
    [`fromInt32.${name}`]: laneFunc('fromInt32', { count: 1, from: 4, to: format }, (f, [x], control) =>
      only(f, fromInteger(format), x.wrap().extendS(), control),
    ),
    [`fromInt64.${name}`]: laneFunc('fromInt64', { count: 1, from: 8, to: format }, (f, [x], control) =>
      only(f, fromInteger(format), x, control),
    ),
  } as { [K in `${LaneOp}.${N}`]: LaneFunc };
}
export type LaneOp =
  | 'add' | 'sub' | 'mul' | 'div' | 'sqrt' | 'fma' | 'min' | 'max' | 'compare' | 'order' | 'round'
  | 'toInt32' | 'toInt64' | 'fromInt32' | 'fromInt64'; // biome-ignore format: a list

export const LANE_FUNCS = {
  ...ofFormat('f32', F32_FORMAT),
  ...ofFormat('f64', F64_FORMAT),
  'promote.f32': laneFunc('promote', { count: 1, from: F32_FORMAT, to: F64_FORMAT }, (f, [x], control) =>
    only(f, convert(F32_FORMAT, F64_FORMAT), x, control),
  ),
  'demote.f64': laneFunc('demote', { count: 1, from: F64_FORMAT, to: F32_FORMAT }, (f, [x], control) =>
    only(f, convert(F64_FORMAT, F32_FORMAT), x, control),
  ),
  /** VCVTPH2PS knows no denormals. */
  'promote.f16': laneFunc('promoteHalf', { count: 1, from: F16_FORMAT, to: F32_FORMAT }, (f, [x], control) =>
    only(f, convert(F16_FORMAT, F32_FORMAT), x, control.and(~(1 << 16))),
  ),
  /** VCVTPS2PH: rounding as an option; never flushes. */
  'demote.f32': laneFunc('demoteToHalf', { count: 1, from: F32_FORMAT, to: F16_FORMAT }, (f, [x], control, option) => {
    // A denormal number counts as inexact when the underflow is not masked.
    const isDenormal = x.shrU(23).and(0xff).eqz().and(x.and(0x7f_ffff).isSet());
    f.if(isDenormal.and(control.and(CONTROL_DAZ | UE).eqz()), () => raise(f, PE));
    return only(f, convert(F32_FORMAT, F16_FORMAT), x, withRounding(f, control.and(~(1 << 16)), option));
  }),
};
export type LaneFuncName = keyof typeof LANE_FUNCS;
