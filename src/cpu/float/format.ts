/**
 * Formats of floating-point numbers, and the fields that all of them are taken apart into: sign, biased exponent, and a
 * significand of 64 bits with the integer bit on top, as f80 has it in memory. Intel SDM Vol. 1, "Floating-Point Data
 * Types". One implementation serves all formats that way: these helpers write its code for one of them.
 */
import { I32, I64, type ValType } from '../wasm/code.ts';
import { type Func, type Int, i32, i64, type Value, type Var } from '../wasm/func.ts';

export interface Format {
  readonly name: 'f16' | 'f32' | 'f64' | 'f80';
  /** Without the integer bit. */
  readonly fractionBits: number;
  readonly exponentBits: number;
  readonly bias: number;
  /** Of infinities and NaNs. */
  readonly maxExponent: number;
  /** How an operand is passed: its bits; of f80 the significand, and sign and exponent. */
  readonly types: readonly ValType[];
}
const format = (name: Format['name'], fractionBits: number, exponentBits: number): Format => ({
  name,
  fractionBits,
  exponentBits,
  bias: 2 ** (exponentBits - 1) - 1,
  maxExponent: 2 ** exponentBits - 1,
  types: name === 'f80' ? [I64, I32] : [I64],
});
export const F16_FORMAT = format('f16', 10, 5);
export const F32_FORMAT = format('f32', 23, 8);
export const F64_FORMAT = format('f64', 52, 11);
export const F80_FORMAT = format('f80', 63, 15);

export const INTEGER_BIT = 1n << 63n;
export const QUIET_BIT = 1n << 62n;

export interface Fields {
  readonly sign: Var<typeof I32>;
  readonly exponent: Var<typeof I32>;
  readonly significand: Var<typeof I64>;
}

/** Takes an operand apart; the first of `operands` are its parts. */
export function unpack(
  f: Func,
  { name, fractionBits, exponentBits, maxExponent }: Format,
  operand: readonly unknown[],
): Fields {
  const bits = operand[0] as Int<typeof I64>;
  if (name === 'f80') {
    const signExponent = operand[1] as Int<typeof I32>;
    return {
      sign: f.let(signExponent.shrU(15).and(1)),
      exponent: f.let(signExponent.and(maxExponent)),
      significand: f.let(bits),
    };
  }
  const exponent = f.let(bits.shrU(fractionBits).wrap().and(maxExponent));
  return {
    sign: f.let(
      bits
        .shrU(fractionBits + exponentBits)
        .wrap()
        .and(1),
    ),
    exponent,
    significand: f.let(
      bits
        .shl(63 - fractionBits)
        .and(INTEGER_BIT - 1n)
        .or(exponent.isSet().extendU().shl(63)),
    ),
  };
}

/** Puts a number together, as it is passed; a significand without integer bit goes with exponent 0. */
export function pack(
  { name, fractionBits, exponentBits }: Format,
  sign: Int<typeof I32>,
  exponent: Int<typeof I32> | number,
  significand: Int<typeof I64> | bigint,
): Value<ValType>[] {
  const e = typeof exponent === 'number' ? i32(exponent) : exponent;
  const s = typeof significand === 'bigint' ? i64(significand) : significand;
  if (name === 'f80') return [s, sign.shl(15).or(e)];
  return [
    sign
      .extendU()
      .shl(fractionBits + exponentBits)
      .or(e.extendU().shl(fractionBits))
      .or(s.shl(1).shrU(64 - fractionBits)),
  ];
}

/** Whether it is a NaN, or an infinity if the fraction is 0. */
export const isSpecial = (format: Format, x: Fields): Int<typeof I32> => x.exponent.eq(format.maxExponent);
export const isNan = (format: Format, x: Fields): Int<typeof I32> =>
  isSpecial(format, x).and(x.significand.shl(1).isSet());
/** Of a NaN. */
export const isSignaling = (x: Fields): Int<typeof I32> => x.significand.and(QUIET_BIT).eqz();
/** Denormals; of f80 also pseudo-denormals, whose integer bit is set. */
export const isDenormal = (x: Fields): Int<typeof I32> => x.exponent.eqz().and(x.significand.isSet());
/** f80 has patterns that are no numbers: an exponent without the integer bit. */
export const isUnsupported = (format: Format, x: Fields): Int<typeof I32> =>
  format.name === 'f80' ? x.exponent.isSet().and(x.significand.geS(0)) : i32(0);
