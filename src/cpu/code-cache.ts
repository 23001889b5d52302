/**
 * Translated and decoded code, kept by where it lies: a virtual address and the frames that hold its bytes. So a fork
 * and another process with the same program share it, and a write to a frame drops what was made of it.
 *
 * A CodeView is what one address space may use: code whose pages are mapped to the frames it was made from. Processes
 * share a view after a fork until their mappings of code part. Direct jumps go through link cells in memory, which
 * belong to the running view and are exchanged when another runs.
 */
import { PAGE_SIZE, type Pfn } from '../base/ints.ts';
import type { Frames } from '../mem/frames.ts';
import { FRAME_MARK_CODE, FRAME_MARKS_BASE, JUMP_CACHE_BASE, LINK_CELLS_BASE, LINK_CELLS_MAX } from '../mem/layout.ts';
import { jumpCacheOffset } from './chaining.ts';
import type { Insn } from './isa/define.ts';

/** A page that code lies in: virtual page number and frame, as they were when it was made. */
export interface CodePage {
  readonly vpn: number;
  readonly pfn: Pfn;
}

/** One piece of code from one entry: decoded for the cold tier, or translated. */
export interface CodeUnit {
  readonly rip: bigint;
  readonly pages: readonly CodePage[];
  /** Index in the function table; 0 while it is only decoded. */
  tableIndex: number;
  readonly insns: readonly Insn[];
  /** The translated region this is an entry of. */
  readonly region: TranslatedRegion | undefined;
  /** How often the cold tier has run it. */
  runs: number;
  /** Runs that its region's size asks for before it is translated. */
  patience: number;
  dropped: boolean;
}

/** What is kept of a region after its translation. */
export interface TranslatedRegion {
  readonly rip: bigint;
  /** Targets of its indirect jumps that it did not have inside. */
  readonly newTargets: Set<bigint>;
  /** How often they were taken. */
  indirectMisses: number;
  /** How often until it is translated again with those it has met. */
  nextLesson: number;
  /** Instructions of it, when it was last translated. */
  insnCount: number;
}

export class CodeView {
  /** By RIP. Guest code addresses are below 2^53, so a number is exact. */
  readonly units = new Map<number, CodeUnit>();
  /** Addresses of basic blocks that have been executed, and of which nothing is kept yet. */
  readonly seen = new Set<number>();
  /** Code pages in use, with their frames. */
  readonly pages = new Map<number, Pfn>();
  /** Link cells while another view runs. */
  cells: Uint32Array<ArrayBuffer> | undefined;
  /** Address spaces that use it. */
  users = 1;

  copy(): CodeView {
    const view = new CodeView();
    for (const [rip, unit] of this.units) view.units.set(rip, unit);
    for (const [vpn, pfn] of this.pages) view.pages.set(vpn, pfn);
    return view;
  }
}

export class CodeCache {
  private readonly _frames: Frames;
  private readonly _table: WebAssembly.Table;
  private readonly _onPart: (view: CodeView) => void;
  /** All code by the frames it lies in. */
  private readonly _byFrame = new Map<Pfn, Set<CodeUnit>>();
  /** All code by RIP, for address spaces that map the same frames: another process with the same program, now or later. */
  private readonly _byRip = new Map<number, CodeUnit[]>();
  private readonly _cellOf = new Map<bigint, number>();
  /** By frame, a byte for each of its bytes: 1 where code was made of it. */
  private readonly _covered = new Map<Pfn, Uint8Array>();
  private _nextTableIndex = 1;
  private _current = new CodeView();

  /** `onPart`: told when the running address space gets a view of its own. */
  constructor(frames: Frames, table: WebAssembly.Table, onPart: (view: CodeView) => void) {
    this._frames = frames;
    this._table = table;
    this._onPart = onPart;
  }

  get current(): CodeView {
    return this._current;
  }

  /** Makes another view the running one: its link cells take their place in memory. The jump cache is the caller's to flush. */
  switchTo(view: CodeView): void {
    if (view === this._current) return;
    const cells = this._cells();
    this._current.cells = cells.slice();
    cells.fill(0);
    if (view.cells) cells.set(view.cells);
    view.cells = undefined;
    this._current = view;
  }
  /** Gives the running address space a view of its own with the same code and links: its mappings part from the others'. */
  part(): void {
    if (this._current.users === 1) return;
    const view = this._current.copy();
    this._current.users--;
    this._current.cells = this._cells().slice();
    this._current = view;
    this._onPart(view);
  }
  private _cells(): Uint32Array<ArrayBuffer> {
    const start = LINK_CELLS_BASE >> 2;
    return this._frames.u32.subarray(start, start + this._cellOf.size) as Uint32Array<ArrayBuffer>;
  }

  /** Number of the link cell for a target; undefined when all are taken. */
  cellOf(rip: bigint): number | undefined {
    let cell = this._cellOf.get(rip);
    if (cell === undefined) {
      cell = this._cellOf.size;
      if (cell >= LINK_CELLS_MAX) return undefined;
      this._cellOf.set(rip, cell);
      this._frames.u32[(LINK_CELLS_BASE >> 2) + cell] = this.find(rip)?.tableIndex ?? 0;
    }
    return cell;
  }

  /** An index of the function table, never used before. */
  newTableIndex(): number {
    const index = this._nextTableIndex++;
    if (index >= this._table.length) this._table.grow(Math.max(64, this._table.length));
    return index;
  }

  find(rip: bigint): CodeUnit | undefined {
    const unit = this._current.units.get(Number(rip));
    return unit?.dropped ? undefined : unit;
  }

  /** Whether code at this address has been executed, as far as the running view remembers. */
  hasRun(rip: bigint): boolean {
    const key = Number(rip);
    return this._current.seen.has(key) || this._current.units.has(key);
  }

  /** Whether some address space has code there. */
  isKnown(rip: number): boolean {
    return this._byRip.has(rip);
  }

  /** Code of other views at this RIP that the running address space may use, if `isMapped` agrees on its pages. */
  adopt(rip: bigint, isMapped: (page: CodePage) => boolean): CodeUnit | undefined {
    const sameRip = this._byRip.get(Number(rip));
    if (sameRip === undefined) return undefined;
    const usable = sameRip.filter((u) => !u.dropped && u.pages.every(isMapped));
    const unit = usable.find((u) => u.tableIndex !== 0) ?? usable[0];
    if (unit) this._enter(unit);
    return unit;
  }

  /** Adds code to the running view, and marks its frames. Returns whether a frame was marked that had not been. */
  add(unit: CodeUnit): boolean {
    let marked = false;
    for (const { pfn } of unit.pages) {
      let units = this._byFrame.get(pfn);
      if (units === undefined) {
        units = new Set();
        this._byFrame.set(pfn, units);
      }
      units.add(unit);
      const at = FRAME_MARKS_BASE + pfn;
      if ((this._frames.u8[at] & FRAME_MARK_CODE) === 0) {
        this._frames.u8[at] |= FRAME_MARK_CODE;
        marked = true;
      }
    }
    this._enter(unit);
    return marked;
  }
  private _enter(unit: CodeUnit): void {
    // What this address space maps is not for those that it shares the view with: they may have nothing there.
    if (unit.pages.some(({ vpn, pfn }) => this._current.pages.get(vpn) !== pfn)) this.part();
    this._current.units.set(Number(unit.rip), unit);
    for (const { vpn, pfn } of unit.pages) this._current.pages.set(vpn, pfn);
    const rip = Number(unit.rip);
    const sameRip = this._byRip.get(rip);
    if (sameRip === undefined) this._byRip.set(rip, [unit]);
    else if (!sameRip.includes(unit)) sameRip.push(unit);
    if (unit.tableIndex !== 0) this.link(unit);
  }
  /** Lets jumps find a translated unit of the running view: its link cell, which may be younger, and the jump cache. */
  link(unit: CodeUnit): void {
    const cell = this._cellOf.get(unit.rip);
    if (cell !== undefined) this._frames.u32[(LINK_CELLS_BASE >> 2) + cell] = unit.tableIndex;
    const at = (JUMP_CACHE_BASE + jumpCacheOffset(unit.rip)) >> 3;
    this._frames.u64[at] = unit.rip;
    this._frames.u32[at * 2 + 2] = unit.tableIndex;
  }

  /** Notes that code is made of these bytes of a frame. */
  cover(pfn: Pfn, offset: number, bytes: number): void {
    let covered = this._covered.get(pfn);
    if (covered === undefined) this._covered.set(pfn, (covered = new Uint8Array(PAGE_SIZE)));
    covered.fill(1, offset, offset + bytes);
  }
  /** Whether code was made of any of these bytes: data beside code may be written without dropping it. */
  isCovered(pfn: Pfn, offset: number, bytes: number): boolean {
    return (
      this._covered
        .get(pfn)
        ?.subarray(offset, offset + bytes)
        .includes(1) ?? false
    );
  }

  /** Drops code that begins at an address, and translations that can be entered there. */
  dropEntry(rip: bigint): void {
    const found = [...(this._byRip.get(Number(rip)) ?? [])];
    const unit = this._current.units.get(Number(rip));
    if (unit !== undefined && !found.includes(unit)) found.push(unit);
    for (const { region } of found.filter((u) => u.region !== undefined))
      for (const sibling of this._current.units.values()) if (sibling.region === region) found.push(sibling);
    for (const one of found) {
      this._drop(one);
      for (const page of one.pages) this._byFrame.get(page.pfn)?.delete(one);
    }
  }
  /** Drops code that contains the instruction at an address, and all beside it in its frame. */
  dropCode(rip: bigint): void {
    const pfn = this._current.pages.get(Number(rip >> 12n));
    if (pfn !== undefined && this.isCovered(pfn, Number(rip & 0xfffn), 1)) this.dropFrame(pfn);
  }
  dropAll(): void {
    for (const pfn of [...this._byFrame.keys()]) this.dropFrame(pfn);
  }

  /** Drops all code in a frame, from all views: its bytes are about to change. */
  dropFrame(pfn: Pfn): void {
    this._frames.u8[FRAME_MARKS_BASE + pfn] &= ~FRAME_MARK_CODE;
    this._covered.delete(pfn);
    const units = this._byFrame.get(pfn);
    if (units === undefined) return;
    this._byFrame.delete(pfn);
    for (const unit of units) {
      this._drop(unit);
      for (const page of unit.pages) if (page.pfn !== pfn) this._byFrame.get(page.pfn)?.delete(unit);
    }
  }
  private _drop(unit: CodeUnit): void {
    unit.dropped = true;
    // Link cells and jump-cache entries of any view may still name it: they now report a miss.
    if (unit.tableIndex !== 0) this._table.set(unit.tableIndex, this._table.get(0));
    const sameRip = this._byRip.get(Number(unit.rip));
    if (sameRip) {
      const rest = sameRip.filter((u) => u !== unit);
      if (rest.length > 0) this._byRip.set(Number(unit.rip), rest);
      else this._byRip.delete(Number(unit.rip));
    }
    if (this._current.units.get(Number(unit.rip)) === unit) this._current.units.delete(Number(unit.rip));
  }

  /** Code pages of the running view that are not mapped as they were. */
  unmappedPages(isMapped: (page: CodePage) => boolean): ReadonlySet<number> {
    const gone = new Set<number>();
    for (const [vpn, pfn] of this._current.pages) if (!isMapped({ vpn, pfn })) gone.add(vpn);
    return gone;
  }
  /** Removes from the running view all code on these pages. */
  remove(gone: ReadonlySet<number>): void {
    const view = this._current;
    for (const vpn of gone) view.pages.delete(vpn);
    for (const [rip, unit] of view.units) {
      if (!unit.pages.some((page) => gone.has(page.vpn))) continue;
      view.units.delete(rip);
      const cell = this._cellOf.get(unit.rip);
      if (cell !== undefined) this._frames.u32[(LINK_CELLS_BASE >> 2) + cell] = 0;
    }
  }
}
