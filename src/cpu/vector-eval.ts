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
  readonly #memory: WebAssembly.Memory;
  #view: DataView;
  #u8: Uint8Array;
  #funcs: Record<string, SlotFunc> | undefined;
  #next: number = VECTOR_SLOTS;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#u8 = new Uint8Array(memory.buffer);
  }
  /** Before an instruction: its slots are free again. */
  begin(): void {
    this.#next = VECTOR_SLOTS;
    this.refreshViews();
  }
  /** After memory may have grown. */
  refreshViews(): void {
    if (this.#u8.buffer === this.#memory.buffer) return;
    this.#view = new DataView(this.#memory.buffer);
    this.#u8 = new Uint8Array(this.#memory.buffer);
  }
  #slot(): number {
    invariant(this.#next < VECTOR_SLOTS + VECTOR_SLOTS_BYTES, 'an instruction with too many vectors');
    this.#next += 16;
    return this.#next - 16;
  }
  /** A slot with bytes of memory, the rest zero. */
  load(from: number, bytes: number): number {
    const slot = this.#slot();
    this.#u8.fill(0, slot + bytes, slot + 16);
    this.#u8.copyWithin(slot, from, from + bytes);
    return slot;
  }
  constant(low: bigint, high: bigint): number {
    const slot = this.#slot();
    this.#view.setBigUint64(slot, BigInt.asUintN(64, low), true);
    this.#view.setBigUint64(slot + 8, BigInt.asUintN(64, high), true);
    return slot;
  }
  half(slot: number, n: 0 | 1): bigint {
    return this.#view.getBigUint64(slot + 8 * n, true);
  }
  shuffle(x: number, y: number, bytes: readonly number[]): number {
    const slot = this.#slot();
    for (const [i, n] of bytes.entries()) this.#u8[slot + i] = this.#u8[n < 16 ? x + n : y + n - 16];
    return slot;
  }
  operate(name: VectorOp, args: readonly (number | bigint)[]): number | bigint {
    const [, params, result] = VECTOR_OPS[name];
    if (params.startsWith('v#')) return this.#lane(name, args);
    const func = (this.#funcs ??= this.#make())[name];
    if (!inSlot(result))
      return result === 'i' ? Number(func(...args)) >>> 0 : BigInt.asUintN(64, func(...args) as bigint);
    const slot = this.#slot();
    func(slot, ...args);
    return slot;
  }
  /** A function of LateFuncs.getWithSlots. */
  call({ func, hasSlot }: LateWithSlots, args: readonly (number | bigint)[]): number | bigint | undefined {
    if (!hasSlot) {
      const result = func(...args) as number | bigint | undefined;
      return typeof result === 'bigint' ? BigInt.asUintN(64, result) : result && result >>> 0;
    }
    const slot = this.#slot();
    func(slot, ...args);
    return slot;
  }
  /** Copies a slot's value to elsewhere in memory. */
  copyTo(to: number, slot: number, letter: string): void {
    this.#u8.copyWithin(to, slot, slot + (letter === 'v' ? 16 : letter === 'd' ? 8 : 4));
  }

  /** Lanes are bytes of a slot. */
  #lane(name: VectorOp, args: readonly (number | bigint)[]): number | bigint {
    const [from, lane, value] = args as [number, number, number | bigint];
    const [shape, action] = name.split('.');
    const bytes = shape === 'i8x16' ? 1 : shape === 'i16x8' ? 2 : shape === 'i32x4' || shape === 'f32x4' ? 4 : 8;
    const at = from + lane * bytes;
    const view = this.#view;
    if (action === 'replace_lane') {
      const slot = this.load(from, 16);
      const to = slot + lane * bytes;
      if (shape.startsWith('f')) this.#u8.copyWithin(to, value as number, (value as number) + bytes);
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

  #make(): Record<string, SlotFunc> {
    const instance = new WebAssembly.Instance((compiled ??= new WebAssembly.Module(vectorImage())), {
      m: { memory: this.#memory },
    });
    return instance.exports as unknown as Record<string, SlotFunc>;
  }
}
