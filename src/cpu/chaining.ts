/** How control goes from region to region: the type they share, and the jump cache. */
import { JUMP_CACHE_ENTRIES, JUMP_CACHE_ENTRY_BYTES } from '../mem/layout.ts';
import { type Code, I32, I64, OP } from './wasm/code.ts';

export const REGION_PARAMS = [I32, I64] as const;
export const REGION_RESULTS = [I64] as const;

const JUMP_CACHE_MASK = JUMP_CACHE_ENTRIES - 1;

/** Byte offset of the RIP's jump-cache entry. */
export const jumpCacheOffset = (rip: bigint): number =>
  ((Number(rip & 0xffff_ffffn) ^ Number((rip >> 12n) & 0xffff_ffffn)) & JUMP_CACHE_MASK) * JUMP_CACHE_ENTRY_BYTES;

/** The same as code: leaves it on the stack. */
export function jumpCacheEntry(c: Code, ripLocal: number): void {
  c.localGet(ripLocal);
  c.op(OP.i32wrapI64);
  c.localGet(ripLocal);
  c.i64Const(12n);
  c.op(OP.i64shrU);
  c.op(OP.i32wrapI64);
  c.op(OP.i32xor);
  c.i32Const(JUMP_CACHE_MASK);
  c.op(OP.i32and);
  c.i32Const(4);
  c.op(OP.i32shl);
}
