/**
 * Modeled physical memory: 4 KiB frames in one WebAssembly.Memory, with reference counts, grown on demand up to a
 * limit. Who holds a frame (a page-table entry, a page cache, a snapshot, a CR3) owns one reference to it.
 */
import { PAGE_SIZE, type Pfn } from '../base/ints.ts';
import { invariant } from '../base/invariant.ts';
import { FIRST_FRAME, FRAME_MARK_CODE, FRAME_MARK_WATCH_WRITES, FRAME_MARKS_BASE } from './layout.ts';

const WASM_PAGE = 65536;
const GROW_BYTES = 4 * 1024 * 1024;
export const DEFAULT_MEMORY_BYTES = 1024 ** 3;
const MAX_MEMORY_BYTES = 4 * 1024 ** 3 - WASM_PAGE;

/** Memory, all zeros, for the next machine of the same size: who runs many short programs need not ask the host each time. */
export class SpareMemory {
  private readonly _memories = new Map<number, WebAssembly.Memory[]>();

  take(maximum: number): WebAssembly.Memory | undefined {
    return this._memories.get(maximum)?.pop();
  }

  put(maximum: number, memory: WebAssembly.Memory): void {
    const others = this._memories.get(maximum);
    if (others === undefined) this._memories.set(maximum, [memory]);
    else others.push(memory);
  }
}

/** Somebody with frames that could be had again: the pages of files that can be read once more. */
export interface Reclaimable {
  /** Gives back as many as that, if it has them; how many it were. */
  reclaim(most: number): number;
}

/** Frames that a shortage takes at a time. */
const RECLAIM_FRAMES = 64;

/** What the frames in use held at one moment, from the first on, as 32-bit words; nothing where a frame was free. */
export type FrameImages = readonly (Uint32Array<ArrayBuffer> | undefined)[];

const WORDS_PER_FRAME = PAGE_SIZE / 4;
const ZEROS = new Uint32Array(WORDS_PER_FRAME);

export class Frames {
  readonly memory: WebAssembly.Memory;
  /** Frames that may be in use at once; beyond it `allocate` answers undefined. */
  readonly limit: number;
  /** Views of the whole memory. They are replaced when it grows: read them anew after each `allocate`. */
  u8!: Uint8Array;
  u32!: Uint32Array;
  u64!: BigUint64Array;
  /** Called before the bytes of a frame that holds translated code change or the frame is freed. */
  onCodeFrameChange: (pfn: Pfn) => void = () => {};
  /** Called before the kernel changes the bytes of a frame that is watched. */
  onWatchedFrameChange: (pfn: Pfn) => void = () => {};
  /** Asked in this order when no frame is left. */
  readonly reclaimable = new Set<Reclaimable>();
  /** For tests: a frame that would be handed out is refused when this says so. */
  refuses: (() => boolean) | undefined;

  private readonly _maximum: number;
  private _refs: Uint32Array<ArrayBuffer> = new Uint32Array(4096);
  private readonly _free: number[] = [];
  private _next: number = FIRST_FRAME;
  private _inUse = 0;
  private _allocations = 0;

  /** `spare` may have memory of an earlier machine. */
  constructor(limitBytes: number = DEFAULT_MEMORY_BYTES, spare?: SpareMemory) {
    const bytes = Math.min(limitBytes, MAX_MEMORY_BYTES - FIRST_FRAME * PAGE_SIZE);
    this.limit = Math.floor(bytes / PAGE_SIZE);
    const maximum = Math.ceil(((this.limit + FIRST_FRAME) * PAGE_SIZE) / WASM_PAGE);
    const initial = Math.min(maximum, (FIRST_FRAME * PAGE_SIZE + GROW_BYTES) / WASM_PAGE);
    this._maximum = maximum;
    this.memory = spare?.take(maximum) ?? new WebAssembly.Memory({ initial, maximum });
    this._refreshViews();
  }

  /** Hands the memory on; neither these frames nor what was translated for them may be used afterwards. */
  giveUp(spare: SpareMemory): void {
    this.u8.fill(0, 0, this._next * PAGE_SIZE);
    spare.put(this._maximum, this.memory);
  }

  /** Frames handed out and not yet free again. */
  inUse(): number {
    return this._inUse;
  }

  /** Frames handed out since the start, for counters. */
  allocations(): number {
    return this._allocations;
  }

  /** A zeroed frame with one reference, owned by the caller; undefined when the limit is reached. */
  allocate(): Pfn | undefined {
    // Memory that was never used is zero: leaving it alone saves the host's page fault until the guest comes there.
    const fresh = this._next;
    const pfn = this._take();
    if (pfn === undefined || pfn >= fresh) return pfn;
    const start = pfn * PAGE_SIZE;
    this.codeFrameChanges(pfn);
    this.u8.fill(0, start, start + PAGE_SIZE);
    return pfn;
  }

  /** A frame with a copy of another's bytes and one reference, owned by the caller; undefined at the limit. */
  allocateCopy(of: Pfn): Pfn | undefined {
    const pfn = this._take();
    if (pfn === undefined) return undefined;
    this.codeFrameChanges(pfn);
    this.u8.copyWithin(pfn * PAGE_SIZE, of * PAGE_SIZE, (of + 1) * PAGE_SIZE);
    return pfn;
  }

  /** One more reference. */
  share(pfn: Pfn): void {
    invariant(this._refs[pfn] > 0, `share of free frame ${pfn}`);
    this._refs[pfn]++;
  }

  /** One reference less; the frame is free after the last. */
  release(pfn: Pfn): void {
    invariant(this._refs[pfn] > 0, `release of free frame ${pfn}`);
    if (--this._refs[pfn] > 0) return;
    this.codeFrameChanges(pfn);
    this._free.push(pfn);
    this._inUse--;
  }

  references(pfn: Pfn): number {
    return pfn < this._refs.length ? this._refs[pfn] : 0;
  }

  /** To be called before the kernel writes into a frame by itself, past the CPU's TLB. */
  codeFrameChanges(pfn: Pfn): void {
    const marks = this.u8[FRAME_MARKS_BASE + pfn];
    if (marks === 0) return;
    if (marks & FRAME_MARK_CODE) this.onCodeFrameChange(pfn);
    if (marks & FRAME_MARK_WATCH_WRITES) this.onWatchedFrameChange(pfn);
  }

  /** The frame's bytes, for reading; valid until the next `allocate`. */
  bytes(pfn: Pfn): Uint8Array {
    return this.u8.subarray(pfn * PAGE_SIZE, (pfn + 1) * PAGE_SIZE);
  }

  /** The frame's bytes, for writing by the kernel; valid until the next `allocate`. */
  bytesForWrite(pfn: Pfn): Uint8Array {
    this.codeFrameChanges(pfn);
    return this.bytes(pfn);
  }

  /** Stores bytes in a frame, from a place in it on. */
  write(pfn: Pfn, at: number, bytes: Uint8Array): void {
    this.codeFrameChanges(pfn);
    this.u8.set(bytes, pfn * PAGE_SIZE + at);
  }

  /** A copy of every frame in use. Frames that hold what they held `before` share its copy. */
  record(before: FrameImages = []): FrameImages {
    const images: (Uint32Array<ArrayBuffer> | undefined)[] = [];
    for (let pfn: number = FIRST_FRAME; pfn < this._next; pfn++) {
      const known = before[pfn - FIRST_FRAME];
      if (this._refs[pfn] === 0) images.push(undefined);
      else if (known !== undefined && this._holds(pfn, known)) images.push(known);
      else if (this._holds(pfn, ZEROS)) images.push(ZEROS);
      else images.push(this.u32.slice(pfn * WORDS_PER_FRAME, (pfn + 1) * WORDS_PER_FRAME));
    }
    return images;
  }

  /**
   * Puts back what the frames held. Who owned which, and which were free, is in the fields of this object: the caller puts
   * them back afterwards.
   */
  restore(images: FrameImages): void {
    const end = FIRST_FRAME + images.length;
    for (let pfn: number = FIRST_FRAME; pfn < end; pfn++) {
      const image = images[pfn - FIRST_FRAME];
      if (image === undefined || this._holds(pfn, image)) continue;
      this.codeFrameChanges(pfn as Pfn);
      this.u32.set(image, pfn * WORDS_PER_FRAME);
    }
    // Frames that are handed out for the first time are taken to be zero.
    for (let pfn = end; pfn < this._next; pfn++) this.codeFrameChanges(pfn as Pfn);
    if (end < this._next) this.u8.fill(0, end * PAGE_SIZE, this._next * PAGE_SIZE);
  }

  private _holds(pfn: number, image: Uint32Array): boolean {
    const { u32 } = this;
    const start = pfn * WORDS_PER_FRAME;
    for (let i = 0; i < WORDS_PER_FRAME; i++) if (u32[start + i] !== image[i]) return false;
    return true;
  }

  private _take(): Pfn | undefined {
    if (this.refuses?.()) return undefined;
    if (this._inUse >= this.limit && !this._reclaim()) return undefined;
    let pfn = this._free.pop();
    if (pfn === undefined) {
      pfn = this._next;
      if (!this._ensure(pfn)) return undefined;
      this._next++;
    }
    this._refs[pfn] = 1;
    this._inUse++;
    this._allocations++;
    return pfn as Pfn;
  }

  private _reclaim(): boolean {
    for (const one of this.reclaimable) if (one.reclaim(RECLAIM_FRAMES) > 0) return true;
    return false;
  }

  private _ensure(pfn: number): boolean {
    const end = (pfn + 1) * PAGE_SIZE;
    if (end > this.u8.length) {
      const most = (this.limit + FIRST_FRAME) * PAGE_SIZE - this.u8.length;
      const pages = Math.ceil(Math.min(Math.max(GROW_BYTES, this.u8.length / 4), most) / WASM_PAGE);
      try {
        this.memory.grow(pages);
      } catch {
        return false;
      }
      this._refreshViews();
    }
    if (pfn >= this._refs.length) {
      const refs = new Uint32Array(this._refs.length * 2);
      refs.set(this._refs);
      this._refs = refs;
    }
    return true;
  }

  private _refreshViews(): void {
    this.u8 = new Uint8Array(this.memory.buffer);
    this.u32 = new Uint32Array(this.memory.buffer);
    this.u64 = new BigUint64Array(this.memory.buffer);
  }
}
