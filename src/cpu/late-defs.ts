/**
 * Functions of the runtime that few programs need, written with wasm/func.ts. Each group is a module of its own.
 */
import { LANE_FUNCS } from './float/lanes.ts';
import { AES_FUNCS } from './special/aes.ts';
import { RANDOM_FUNCS } from './special/random.ts';
import { TEXT_FUNCS } from './special/text.ts';
import { I32, I64 } from './wasm/code.ts';
import { type AnyFuncDef, define } from './wasm/func.ts';
import { X87_ARITHMETIC } from './x87/arith-funcs.ts';
import { X87_MOVES } from './x87/move-funcs.ts';

const X87_FUNCS = { ...X87_MOVES, ...X87_ARITHMETIC };
/** These are JavaScript (late-funcs.ts): only their signatures count. */
const HOST_FUNCS = { x87Transcendental: define('x87Transcendental', [I32, I64, I32], [], () => {}) };
export const LATE_GROUPS: readonly Readonly<Record<string, AnyFuncDef>>[] = [
  LANE_FUNCS,
  X87_FUNCS,
  AES_FUNCS,
  TEXT_FUNCS,
  RANDOM_FUNCS,
  HOST_FUNCS,
];
/** By the name that `Builder.callRuntime` has for it. */
export const LATE_FUNCS = { ...LANE_FUNCS, ...X87_FUNCS, ...AES_FUNCS, ...TEXT_FUNCS, ...RANDOM_FUNCS, ...HOST_FUNCS };
export type LateFunc = keyof typeof LATE_FUNCS;
