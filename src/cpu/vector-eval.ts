/**
 * Vector and floating-point operations for the cold tier: each is a WebAssembly function around the very instruction
 * that translated code has, on 16-byte slots of the machine's memory. A value is its slot's offset; slots last for one
 * instruction. The module is made when first needed.
 */

import { invariant } from '../base/invariant.ts';
import { VECTOR_SLOTS, VECTOR_SLOTS_BYTES } from '../mem/layout.ts';
import { inSlot } from './slots.ts';
import { vectorImage } from './vector-image.prebuilt.ts';
import { VECTOR_OPS, type VectorOp } from './wasm/vector-ops.ts';

export type SlotFunc = (...args: (number | bigint)[]) => number | bigint;

export interface LateWithSlots {
  readonly func: SlotFunc;
  /** The result is in a slot, too. */
  readonly hasSlot: boolean;
}

/** The same for every machine: memory is an import. */
let compiled: WebAssembly.Module | undefined;

export class VectorEval {
  private readonly _memory: WebAssembly.Memory;
  private _view: DataView;
  private _u8: Uint8Array;
  private _funcs: Record<string, SlotFunc> | undefined;
  private _next: number = VECTOR_SLOTS;

  constructor(memory: WebAssembly.Memory) {
    this._memory = memory;
    this._view = new DataView(memory.buffer);
    this._u8 = new Uint8Array(memory.buffer);
  }
  /** Before an instruction: its slots are free again. */
  begin(): void {
    this._next = VECTOR_SLOTS;
    this.refreshViews();
  }
  /** After memory may have grown. */
  refreshViews(): void {
    if (this._u8.buffer === this._memory.buffer) return;
    this._view = new DataView(this._memory.buffer);
    this._u8 = new Uint8Array(this._memory.buffer);
  }
  private _slot(): number {
    invariant(this._next < VECTOR_SLOTS + VECTOR_SLOTS_BYTES, 'an instruction with too many vectors');
    this._next += 16;
    return this._next - 16;
  }
  /** A slot with bytes of memory, the rest zero. */
  load(from: number, bytes: number): number {
    const slot = this._slot();
    this._u8.fill(0, slot + bytes, slot + 16);
    this._u8.copyWithin(slot, from, from + bytes);
    return slot;
  }
  constant(low: bigint, high: bigint): number {
    const slot = this._slot();
    this._view.setBigUint64(slot, BigInt.asUintN(64, low), true);
    this._view.setBigUint64(slot + 8, BigInt.asUintN(64, high), true);
    return slot;
  }
  half(slot: number, n: 0 | 1): bigint {
    return this._view.getBigUint64(slot + 8 * n, true);
  }
  shuffle(x: number, y: number, bytes: readonly number[]): number {
    const slot = this._slot();
    for (const [i, n] of bytes.entries()) this._u8[slot + i] = this._u8[n < 16 ? x + n : y + n - 16];
    return slot;
  }
  operate(name: VectorOp, args: readonly (number | bigint)[]): number | bigint {
    const [, params, result] = VECTOR_OPS[name];
    if (params.startsWith('v#')) return this._lane(name, args);
    const func = (this._funcs ??= this._make())[name];
    if (!inSlot(result))
      return result === 'i' ? Number(func(...args)) >>> 0 : BigInt.asUintN(64, func(...args) as bigint);
    const slot = this._slot();
    func(slot, ...args);
    return slot;
  }
  /** A function of LateFuncs.getWithSlots. */
  call({ func, hasSlot }: LateWithSlots, args: readonly (number | bigint)[]): number | bigint | undefined {
    if (!hasSlot) {
      const result = func(...args) as number | bigint | undefined;
      return typeof result === 'bigint' ? BigInt.asUintN(64, result) : result && result >>> 0;
    }
    const slot = this._slot();
    func(slot, ...args);
    return slot;
  }
  /** Copies a slot's value to elsewhere in memory. */
  copyTo(to: number, slot: number, letter: string): void {
    this._u8.copyWithin(to, slot, slot + (letter === 'v' ? 16 : letter === 'd' ? 8 : 4));
  }

  /** Lanes are bytes of a slot. */
  private _lane(name: VectorOp, args: readonly (number | bigint)[]): number | bigint {
    const [from, lane, value] = args as [number, number, number | bigint];
    const [shape, action] = name.split('.');
    const bytes = shape === 'i8x16' ? 1 : shape === 'i16x8' ? 2 : shape === 'i32x4' || shape === 'f32x4' ? 4 : 8;
    const at = from + lane * bytes;
    const view = this._view;
    if (action === 'replace_lane') {
      const slot = this.load(from, 16);
      const to = slot + lane * bytes;
      if (shape.startsWith('f')) this._u8.copyWithin(to, value as number, (value as number) + bytes);
      else if (bytes === 8) view.setBigUint64(to, value as bigint, true);
      else if (bytes === 4) view.setUint32(to, value as number, true);
      else if (bytes === 2) view.setUint16(to, value as number, true);
      else view.setUint8(to, value as number);
      return slot;
    }
    if (shape.startsWith('f')) return this.load(at, bytes);
    if (bytes === 8) return view.getBigUint64(at, true);
    if (bytes === 4) return view.getUint32(at, true);
    const isSigned = action === 'extract_lane_s';
    if (bytes === 2) return (isSigned ? view.getInt16(at, true) : view.getUint16(at, true)) >>> 0;
    return (isSigned ? view.getInt8(at) : view.getUint8(at)) >>> 0;
  }

  private _make(): Record<string, SlotFunc> {
    const instance = new WebAssembly.Instance((compiled ??= new WebAssembly.Module(vectorImage())), {
      m: { memory: this._memory },
    });
    return instance.exports as unknown as Record<string, SlotFunc>;
  }
}
