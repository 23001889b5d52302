/**
 * Where floating-point functions find what is beyond their parameters, and the words they share. MXCSR, the x87 status
 * and control words, and everything here number the exceptions alike: Intel SDM Vol. 1, "Floating-Point Exceptions".
 */
import { FLOAT_AREA } from '../../mem/layout.ts';

export const IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32; // biome-ignore format: one line
/** Beside them: the result was rounded away from zero (C1 of the x87 status word, at its place there). */
export const ROUNDED_UP = 0x200;

export const AREA = {
  /** Operands of an operation on vectors, and its result: up to 256 bits each. */
  x: FLOAT_AREA,
  y: FLOAT_AREA + 32,
  z: FLOAT_AREA + 64,
  result: FLOAT_AREA + 96,
  /** i32: exceptions that functions have raised since somebody wrote 0 here. */
  flags: FLOAT_AREA + 128,
  /** i32 and i64: an f80 result's sign and exponent, and its significand, of functions called from outside of WebAssembly. */
  signExponent: FLOAT_AREA + 132,
  significand: FLOAT_AREA + 136,
} as const;

/**
 * How a function shall round and what it shall mask: the x87 control word's layout, with two bits on top.
 * ```
 *   0-5   masks: IM DM ZM OM UM PM (1: masked)
 *   8-9   precision of f80 results: 0 24 bits, 2 53 bits, 1 and 3 64 bits
 *   10-11 rounding: 0 nearest, 1 down, 2 up, 3 toward zero
 *   16    flush results that are tiny to zero (FTZ)
 *   17    take denormal operands for zeros (DAZ)
 * ```
 */
export const CONTROL_RC_BIT = 10;
export const CONTROL_PC_BIT = 8;
export const CONTROL_FTZ = 1 << 16;
export const CONTROL_DAZ = 1 << 17;
export const ROUND_NEAREST = 0, ROUND_DOWN = 1, ROUND_UP = 2, ROUND_ZERO = 3; // biome-ignore format: one line

/** Where a part (128 bits) of an operand of an operation on vectors goes, and a part of its result. */
export const operandAt = (operand: number, part: number): number => AREA.x + 32 * operand + 16 * part;
export const resultAt = (part: number): number => AREA.result + 16 * part;

/** MXCSR rounds to nearest, and PE is masked and set already: then only unusual operands and results change it. */
export const FAST_MODE_MASK = 0x7020;
export const FAST_MODE = 0x1020;

/** How a number relates to another. */
export const EQUAL = 0, LESS = 1, GREATER = 2, UNORDERED = 3; // biome-ignore format: one line
/** What functions of lanes.ts return, beside 0: an unmasked exception; a lane that is denormal or a NaN. */
export const LANES_RAISE = 1;
export const LANES_NOT_CALM = 2;
