/**
 * Instructions decoded for single steps, by address. Each is checked against the bytes that are there now, so neither
 * writes to code nor changes of mappings have to be reported here.
 */
import { PAGE_SIZE } from '../base/ints.ts';
import type { Frames } from '../mem/frames.ts';
import type { Insn } from './isa/define.ts';
import type { Runtime } from './runtime.ts';

interface Entry {
  readonly insn: Insn;
  readonly bytes: Uint8Array;
}

const MAX_ENTRIES = 65536;

export class InsnCache {
  private readonly _frames: Frames;
  private readonly _runtime: Runtime;
  private readonly _entries = new Map<bigint, Entry>();

  constructor(frames: Frames, runtime: Runtime) {
    this._frames = frames;
    this._runtime = runtime;
  }
  /** Undefined also for an instruction that must be decoded anew. */
  find(rip: bigint): Insn | undefined {
    const entry = this._entries.get(rip);
    if (entry === undefined) return undefined;
    const at = this._hostOf(rip);
    if (at === undefined) return undefined;
    const { bytes, insn } = entry;
    const { u8 } = this._frames;
    for (let i = 0; i < bytes.length; i++) if (u8[at + i] !== bytes[i]) return undefined;
    return insn;
  }
  /** An instruction that crosses a page end is not kept. */
  add(insn: Insn): void {
    const { rip, length } = insn;
    if (Number(rip & 0xfffn) + length > PAGE_SIZE) return;
    const at = this._hostOf(rip);
    if (at === undefined) return;
    if (this._entries.size >= MAX_ENTRIES) this._entries.clear();
    this._entries.set(rip, { insn, bytes: this._frames.u8.slice(at, at + length) });
  }
  private _hostOf(rip: bigint): number | undefined {
    const at = this._runtime.fetch(BigInt.asIntN(64, rip));
    return at === -1 ? undefined : at >>> 0;
  }
}
