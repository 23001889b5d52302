/**
 * Four levels of page tables, stored in frames in the format of the SDM (Intel SDM Vol. 3A, "4-Level Paging").
 * ```
 *   47      39 38      30 29      21 20      12 11       0
 *  [ PML4     | PDPT     | PD       | PT       | offset    ]     nine bits each select one of 512 entries
 * ```
 * An entry is in use when its low half is not zero. A leaf that is in use but not present (P clear) keeps its frame:
 * that is how PROT_NONE hides a page without losing it. Entries are handled as two 32-bit halves, since forks and
 * faults are made of them: memory ends below 4 GiB, so the high half holds NX alone.
 */
import { PAGE_SIZE, type Paddr, type Pfn, paddrOf, type Vpn, vpnOf } from '../base/ints.ts';
import { invariant } from '../base/invariant.ts';
import type { Frames } from './frames.ts';
import { PTE_A, PTE_COW, PTE_D, PTE_P, PTE_RW, PTE_US, type Pte } from './pte.ts';

/** A leaf's flags as a small number: the low 12 bits of the entry (mem/pte.ts), and NX moved down to bit 12. */
export const BIT_P = Number(PTE_P);
export const BIT_RW = Number(PTE_RW);
export const BIT_US = Number(PTE_US);
export const BIT_A = Number(PTE_A);
export const BIT_D = Number(PTE_D);
export const BIT_COW = Number(PTE_COW);
export const BIT_NX = 0x1000;
const LOW_BITS = 0xfff;
/** Of an entry that points to a table. A is set from the start, as Linux has it: the walks set it in leaves. */
const TABLE_BITS = BIT_P | BIT_RW | BIT_US | BIT_A;
const ENTRIES = 512;

export type Level = 'PML4' | 'PDPT' | 'PD' | 'PT';
const LEVELS: readonly Level[] = ['PML4', 'PDPT', 'PD', 'PT'];

/** One step of a walk: the entry at `index` of the table in frame `table`. */
export interface WalkStep {
  readonly level: Level;
  readonly table: Pfn;
  readonly index: number;
  readonly entry: Pte;
}

/** Index in Frames.u32 of the low half of an entry. 0 means that there is none. */
export type Slot = number;

const slotOf = (table: number, index: number): Slot => table * 1024 + index * 2;
const indexAt = (vpn: number, level: number): number => Math.floor(vpn / 512 ** (3 - level)) % ENTRIES;

export const slotPfn = (frames: Frames, slot: Slot): Pfn => (frames.u32[slot] >>> 12) as Pfn;
export const slotBits = (frames: Frames, slot: Slot): number =>
  (frames.u32[slot] & LOW_BITS) | ((frames.u32[slot + 1] >>> 31) << 12);
export const slotPte = (frames: Frames, slot: Slot): Pte => frames.u64[slot >> 1];
export function setSlot(frames: Frames, slot: Slot, pfn: Pfn, bits: number): void {
  frames.u32[slot] = (pfn << 12) | (bits & LOW_BITS);
  frames.u32[slot + 1] = bits & BIT_NX ? 0x8000_0000 : 0;
}

/** The entries that a translation of `address` reads, root first; it ends at the first that is not present. */
export function walk(frames: Frames, cr3: Paddr, address: bigint): WalkStep[] {
  const vpn = vpnOf(address);
  const steps: WalkStep[] = [];
  let table = cr3 / PAGE_SIZE;
  for (let level = 0; level < 4; level++) {
    const index = indexAt(vpn, level);
    const slot = slotOf(table, index);
    steps.push({ level: LEVELS[level], table: table as Pfn, index, entry: slotPte(frames, slot) });
    if (!(frames.u32[slot] & BIT_P)) break;
    table = frames.u32[slot] >>> 12;
  }
  return steps;
}

/**
 * One address space's page table. It owns its table frames, and one reference to the frame of every leaf in use.
 */
export class PageTable {
  readonly root: Pfn;
  readonly cr3: Paddr;
  private readonly _frames: Frames;

  private constructor(frames: Frames, root: Pfn) {
    this._frames = frames;
    this.root = root;
    this.cr3 = paddrOf(root);
  }

  /** An empty table; undefined when memory is used up. */
  static create(frames: Frames): PageTable | undefined {
    const root = frames.allocate();
    return root === undefined ? undefined : new PageTable(frames, root);
  }

  /** The leaf's slot if its page table exists, in use or not; else 0. */
  find(vpn: Vpn): Slot {
    const u32 = this._frames.u32;
    const high = Math.floor(vpn / 0x40000);
    const low = vpn & 0x3ffff;
    let entry = u32[this.root * 1024 + (high >>> 9) * 2];
    if (entry === 0) return 0;
    entry = u32[(entry >>> 12) * 1024 + (high & 511) * 2];
    if (entry === 0) return 0;
    entry = u32[(entry >>> 12) * 1024 + (low >>> 9) * 2];
    if (entry === 0) return 0;
    return (entry >>> 12) * 1024 + (low & 511) * 2;
  }

  /** As `find`, making the tables on the way; 0 when memory is used up (empty tables may stay until `unmapRange`). */
  ensure(vpn: Vpn): Slot {
    const found = this.find(vpn);
    if (found !== 0) return found;
    const frames = this._frames;
    let table: number = this.root;
    for (let level = 0; level < 3; level++) {
      const slot = slotOf(table, indexAt(vpn, level));
      if (frames.u32[slot] === 0) {
        const made = frames.allocate();
        if (made === undefined) return 0;
        setSlot(frames, slot, made, TABLE_BITS);
      }
      table = frames.u32[slot] >>> 12;
    }
    return slotOf(table, indexAt(vpn, 3));
  }

  /** Maps an unmapped page. Takes over the caller's reference to the frame; false, and nothing taken, when memory is used up. */
  map(vpn: Vpn, pfn: Pfn, bits: number): boolean {
    const slot = this.ensure(vpn);
    if (slot === 0) return false;
    invariant(this._frames.u32[slot] === 0, `page ${vpn} is mapped twice`);
    setSlot(this._frames, slot, pfn, bits);
    return true;
  }

  /** New frame and flags for a page in use. The old frame's reference goes to the caller, the new one's comes from it. */
  replace(vpn: Vpn, pfn: Pfn, bits: number): void {
    const slot = this.find(vpn);
    invariant(slot !== 0 && this._frames.u32[slot] !== 0, `page ${vpn} is not mapped`);
    setSlot(this._frames, slot, pfn, bits);
  }

  /** Removes what is mapped there and releases its frame; false when nothing was. */
  unmap(vpn: Vpn): boolean {
    return this.unmapRange(vpn, (vpn + 1) as Vpn) > 0;
  }

  /**
   * Removes every leaf in [start, end), releases the frames and frees the tables that became empty. `onLeaf` sees each
   * leaf before it goes. The result is how many there were.
   */
  unmapRange(start: Vpn, end: Vpn, onLeaf?: (vpn: Vpn, slot: Slot) => void): number {
    return start < end ? this._clear(this.root, 0, 0, start, end, onLeaf) : 0;
  }

  /** Calls `visit` for each leaf in use (present or hidden by PROT_NONE) in [start, end), in order of address. */
  forEach(start: Vpn, end: Vpn, visit: (vpn: Vpn, slot: Slot) => void): void {
    if (start < end) this._visit(this.root, 0, 0, start, end, visit);
  }

  /** The leaves in use in [start, end), for views. */
  entries(start: Vpn, end: Vpn): { vpn: Vpn; entry: Pte }[] {
    const found: { vpn: Vpn; entry: Pte }[] = [];
    this.forEach(start, end, (vpn, slot) => {
      found.push({ vpn, entry: slotPte(this._frames, slot) });
    });
    return found;
  }

  /** Frames that hold the tables themselves, the root included. */
  tableFrames(): number {
    return this.tables().length;
  }

  /** The tables themselves, the root first, each with the first page that it leads to. */
  tables(): { level: Level; pfn: Pfn; start: Vpn }[] {
    const found: { level: Level; pfn: Pfn; start: Vpn }[] = [];
    const add = (table: number, level: number, start: number): void => {
      found.push({ level: LEVELS[level], pfn: table as Pfn, start: start as Vpn });
      for (let i = 0; level < 3 && i < ENTRIES; i++) {
        const entry = this._frames.u32[slotOf(table, i)];
        if (entry !== 0) add(entry >>> 12, level + 1, start + i * SPANS[level]);
      }
    };
    add(this.root, 0, 0);
    return found;
  }

  /** Releases every mapped frame and every table, the root last. The table must not be used afterwards. */
  destroy(): void {
    this.unmapRange(0 as Vpn, (2 ** 36) as Vpn);
    this._frames.release(this.root);
  }

  private _visit(
    table: number,
    level: number,
    base: number,
    start: number,
    end: number,
    visit: (vpn: Vpn, slot: Slot) => void,
  ) {
    const frames = this._frames;
    const span = SPANS[level];
    const first = start > base ? Math.floor((start - base) / span) : 0;
    const last = Math.min(ENTRIES, Math.ceil((end - base) / span));
    for (let i = first; i < last; i++) {
      const slot = slotOf(table, i);
      const entry = frames.u32[slot];
      if (entry === 0) continue;
      const at = base + i * span;
      if (level === 3) visit(at as Vpn, slot);
      else this._visit(entry >>> 12, level + 1, at, start, end, visit);
    }
  }

  private _clear(
    table: number,
    level: number,
    base: number,
    start: number,
    end: number,
    onLeaf: ((vpn: Vpn, slot: Slot) => void) | undefined,
  ): number {
    const frames = this._frames;
    const u32 = frames.u32;
    const span = SPANS[level];
    const first = start > base ? Math.floor((start - base) / span) : 0;
    const last = Math.min(ENTRIES, Math.ceil((end - base) / span));
    let cleared = 0;
    // Most entries are nothing, and what is short runs in V8's interpreter.
    for (let slot = slotOf(table, first), behind = slotOf(table, last); slot < behind; slot = (slot + 2) as Slot) {
      const entry = u32[slot];
      if (entry === 0) continue;
      const at = base + ((slot % 1024) / 2) * span;
      const pfn = (entry >>> 12) as Pfn;
      if (level === 3) {
        onLeaf?.(at as Vpn, slot);
        cleared++;
      } else {
        cleared += this._clear(pfn, level + 1, at, start, end, onLeaf);
        const isWhole = start <= at && at + span <= end;
        if (!isWhole && !this._isEmpty(pfn)) continue;
      }
      u32[slot] = 0;
      u32[slot + 1] = 0;
      frames.release(pfn);
    }
    return cleared;
  }

  private _isEmpty(table: number): boolean {
    const u32 = this._frames.u32;
    for (let at = table * 1024, end = at + 1024; at < end; at += 2) if (u32[at] !== 0) return false;
    return true;
  }
}

/** Pages that one entry of each level covers. */
const SPANS = [512 ** 3, 512 ** 2, 512, 1];
