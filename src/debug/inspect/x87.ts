/**
 * The x87 state of a task: the stack of eight registers of 80 bits, and the control, status and tag words with their
 * parts. The full tag word follows from the contents, as FSTENV computes it: FXSAVE's image keeps only empty or not.
 * Intel SDM Vol. 1, "x87 FPU Execution Environment".
 */
import type { Task } from '../../kernel/task/task.ts';
import { stateOf } from './registers.ts';
import { ROUNDING } from './vectors.ts';

/** In the order of the tag's two bits. */
const TAGS = ['valid', 'zero', 'special', 'empty'] as const;
export type X87Tag = (typeof TAGS)[number];

export interface X87Register {
  /** ST(i). */
  readonly index: number;
  /** R0 to R7: where it is, whatever the top. */
  readonly physical: number;
  readonly tag: X87Tag;
  /** As in memory: significand, then sign and exponent. */
  readonly bytes: Uint8Array;
  readonly sign: 0 | 1;
  /** Biased by 16383. */
  readonly exponent: number;
  /** The leading bit is a bit of it. */
  readonly significand: bigint;
  /** The nearest double. */
  readonly value: number;
}

export interface X87State {
  readonly control: number;
  readonly status: number;
  /** Two bits for each physical register. */
  readonly tagWord: number;
  /** Of the status word: the physical number of ST(0). */
  readonly top: number;
  readonly precision: '24 bits' | 'reserved' | '53 bits' | '64 bits';
  readonly rounding: (typeof ROUNDING)[number];
  /** Exceptions that have happened, and stack fault: IE DE ZE OE UE PE SF ES. */
  readonly exceptions: readonly string[];
  /** C0 to C3 that are set. */
  readonly conditions: readonly string[];
  /** Exceptions that are masked: IM DM ZM OM UM PM. */
  readonly masks: readonly string[];
  /** The last instruction's opcode without its upper five bits, its address, and that of its operand. */
  readonly opcode: number;
  readonly instruction: bigint;
  readonly operand: bigint;
  /** ST(0) first. */
  readonly stack: readonly X87Register[];
}

const EXCEPTIONS = ['IE', 'DE', 'ZE', 'OE', 'UE', 'PE', 'SF', 'ES'];
const MASKS = ['IM', 'DM', 'ZM', 'OM', 'UM', 'PM'];
/** Bits 8, 9, 10 and 14 of the status word. */
const CONDITIONS = [['C0', 8], ['C1', 9], ['C2', 10], ['C3', 14]] as const; // biome-ignore format: one line
const PRECISIONS = ['24 bits', 'reserved', '53 bits', '64 bits'] as const;
const REGISTERS_AT = 32, REGISTER_STRIDE = 16, REGISTER_BYTES = 10; // biome-ignore format: one line

/** Undefined for a task that has ended. */
export function readX87(task: Task): X87State | undefined {
  const image = stateOf(task)?.fxImage();
  if (image === undefined) return undefined;
  const view = new DataView(image.buffer);
  const control = view.getUint16(0, true);
  const status = view.getUint16(2, true);
  const inUse = view.getUint8(4);
  const top = (status >> 11) & 7;
  const stack = Array.from({ length: 8 }, (_, index): X87Register => {
    const at = REGISTERS_AT + REGISTER_STRIDE * index;
    const physical = (top + index) & 7;
    const parts = partsOf(image.slice(at, at + REGISTER_BYTES));
    return { index, physical, tag: inUse & (1 << physical) ? tagOf(parts) : 'empty', ...parts };
  });
  const setOf = (names: readonly string[], word: number): string[] => names.filter((_, bit) => word & (1 << bit));
  return {
    control,
    status,
    tagWord: stack.reduce((word, { physical, tag }) => word | (TAGS.indexOf(tag) << (2 * physical)), 0),
    top,
    precision: PRECISIONS[(control >> 8) & 3],
    rounding: ROUNDING[(control >> 10) & 3],
    exceptions: setOf(EXCEPTIONS, status),
    conditions: CONDITIONS.filter(([, bit]) => status & (1 << bit)).map(([name]) => name),
    masks: setOf(MASKS, control),
    opcode: view.getUint16(6, true),
    instruction: view.getBigUint64(8, true),
    operand: view.getBigUint64(16, true),
    stack,
  };
}

type Parts = Pick<X87Register, 'bytes' | 'sign' | 'exponent' | 'significand' | 'value'>;

const MOST_EXPONENT = 0x7fff, BIAS = 16383; // biome-ignore format: one line
const INTEGER_BIT = 1n << 63n;

function partsOf(bytes: Uint8Array): Parts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const significand = view.getBigUint64(0, true);
  const high = view.getUint16(8, true);
  const sign = high & 0x8000 ? 1 : 0;
  const exponent = high & 0x7fff;
  return { bytes, sign, exponent, significand, value: doubleOf(sign, exponent, significand) };
}

/** `special`: infinities, NaNs, denormals, and what no instruction makes. */
const tagOf = ({ exponent, significand }: Parts): X87Tag => {
  if (exponent === 0) return significand === 0n ? 'zero' : 'special';
  return exponent === MOST_EXPONENT || !(significand & INTEGER_BIT) ? 'special' : 'valid';
};

/** Rounded to nearest; 80 bits have room for more than doubles on either end. */
function doubleOf(sign: number, exponent: number, significand: bigint): number {
  const withSign = (x: number): number => (sign ? -x : x);
  if (exponent === MOST_EXPONENT) return significand === INTEGER_BIT ? withSign(Number.POSITIVE_INFINITY) : Number.NaN;
  // Pseudo-numbers without their leading bit are invalid operands, and NaN wherever one of them goes in.
  if (exponent !== 0 && !(significand & INTEGER_BIT)) return Number.NaN;
  if (significand === 0n) return withSign(0);
  const scale = (exponent === 0 ? 1 : exponent) - BIAS - 63;
  // Rounded once: to 53 bits, or to what is left of them below the least normal double.
  const drop = Math.max(significand.toString(2).length - 53, LEAST_SCALE - scale, 0);
  if (drop > 65) return withSign(0);
  const rest = BigInt.asUintN(drop, significand);
  const half = drop === 0 ? 1n : 1n << BigInt(drop - 1);
  let rounded = significand >> BigInt(drop);
  if (rest > half || (rest === half && rounded & 1n)) rounded++;
  return withSign(Number(rounded) * 2 ** (scale + drop));
}

/** The least double is 2 to this. */
const LEAST_SCALE = -1074;
