/**
 * The sixteen vector registers of a task as bytes, and as lanes of any type that an instruction may see in them: XMM is
 * the low half of YMM. MXCSR with its bits by name. Intel SDM Vol. 1, "Programming with SSE" and "with AVX".
 */
import { STATE } from '../../cpu/state.ts';
import type { Task } from '../../kernel/task/task.ts';
import { stateOf } from './registers.ts';

export const VECTOR_COUNT = 16;
export const XMM_BYTES = 16, YMM_BYTES = 32; // biome-ignore format: one line

/** Types of lanes: signed and unsigned integers, and floating-point numbers. 128 bits are one number. */
export type LaneType = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'u128' | 'f32' | 'f64';
export const LANE_BYTES: Readonly<Record<LaneType, number>> = {
  i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, u64: 8, u128: 16, f32: 4, f64: 8,
}; // biome-ignore format: a table

export interface VectorRegister {
  /** 0 to 15. */
  readonly number: number;
  /** YMM, lowest byte first; XMM is the first half. */
  readonly bytes: Uint8Array;
}

/** Undefined for a task that has ended. */
export function readVectors(task: Task): readonly VectorRegister[] | undefined {
  const state = stateOf(task);
  if (state === undefined) return undefined;
  return Array.from({ length: VECTOR_COUNT }, (_, number) => {
    const words = [0, 8, 16, 24].map((at) => state.u64(STATE.ymm + YMM_BYTES * number + at));
    return { number, bytes: new Uint8Array(BigUint64Array.from(words).buffer) };
  });
}

/** The lanes of a type in some bytes, lowest first; integers of 64 and 128 bits are bigints. */
export function lanesOf(bytes: Uint8Array, type: LaneType): (number | bigint)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS[type];
  return Array.from({ length: Math.floor(bytes.length / LANE_BYTES[type]) }, (_, i) =>
    read(view, i * LANE_BYTES[type]),
  );
}

const READERS: Readonly<Record<LaneType, (view: DataView, at: number) => number | bigint>> = {
  i8: (view, at) => view.getInt8(at),
  u8: (view, at) => view.getUint8(at),
  i16: (view, at) => view.getInt16(at, true),
  u16: (view, at) => view.getUint16(at, true),
  i32: (view, at) => view.getInt32(at, true),
  u32: (view, at) => view.getUint32(at, true),
  i64: (view, at) => view.getBigInt64(at, true),
  u64: (view, at) => view.getBigUint64(at, true),
  u128: (view, at) => view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n),
  f32: (view, at) => view.getFloat32(at, true),
  f64: (view, at) => view.getFloat64(at, true),
};

/** Bits of MXCSR as gdb names them: exceptions that have happened, denormals as zeros, masks, flush to zero. RC is apart. */
export const MXCSR_BITS = [
  { name: 'IE', bit: 0 }, { name: 'DE', bit: 1 }, { name: 'ZE', bit: 2 }, { name: 'OE', bit: 3 }, { name: 'UE', bit: 4 },
  { name: 'PE', bit: 5 }, { name: 'DAZ', bit: 6 }, { name: 'IM', bit: 7 }, { name: 'DM', bit: 8 }, { name: 'ZM', bit: 9 },
  { name: 'OM', bit: 10 }, { name: 'UM', bit: 11 }, { name: 'PM', bit: 12 }, { name: 'FZ', bit: 15 },
] as const; // biome-ignore format: a table
/** By the two bits of RC, in MXCSR and in the x87 control word. */
export const ROUNDING = ['nearest', 'down', 'up', 'towards zero'] as const;

export interface Mxcsr {
  readonly value: number;
  /** Of MXCSR_BITS those that are set, lowest first. */
  readonly names: readonly string[];
  readonly rounding: (typeof ROUNDING)[number];
}

/** Undefined for a task that has ended. */
export function readMxcsr(task: Task): Mxcsr | undefined {
  const value = stateOf(task)?.u32(STATE.mxcsr);
  if (value === undefined) return undefined;
  const names = MXCSR_BITS.filter(({ bit }) => value & (1 << bit)).map(({ name }) => name);
  return { value, names, rounding: ROUNDING[(value >> 13) & 3] };
}
