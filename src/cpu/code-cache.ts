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
  readonly #frames: Frames;
  readonly #table: WebAssembly.Table;
  readonly #onPart: (view: CodeView) => void;
  /** All code by the frames it lies in. */
  readonly #byFrame = new Map<Pfn, Set<CodeUnit>>();
  /** All translated code by RIP, for address spaces that map the same frames. */
  readonly #byRip = new Map<number, CodeUnit[]>();
  readonly #cellOf = new Map<bigint, number>();
  /** By frame, a byte for each of its bytes: 1 where code was made of it. */
  readonly #covered = new Map<Pfn, Uint8Array>();
  #nextTableIndex = 1;
  #current = new CodeView();

  /** `onPart`: told when the running address space gets a view of its own. */
  constructor(frames: Frames, table: WebAssembly.Table, onPart: (view: CodeView) => void) {
    this.#frames = frames;
    this.#table = table;
    this.#onPart = onPart;
  }

  get current(): CodeView {
    return this.#current;
  }

  /** Makes another view the running one: its link cells take their place in memory. The jump cache is the caller's to flush. */
  switchTo(view: CodeView): void {
    if (view === this.#current) return;
    const cells = this.#cells();
    this.#current.cells = cells.slice();
    cells.fill(0);
    if (view.cells) cells.set(view.cells);
    view.cells = undefined;
    this.#current = view;
  }
  /** Gives the running address space a view of its own with the same code and links: its mappings part from the others'. */
  part(): void {
    if (this.#current.users === 1) return;
    const view = this.#current.copy();
    this.#current.users--;
    this.#current.cells = this.#cells().slice();
    this.#current = view;
    this.#onPart(view);
  }
  #cells(): Uint32Array<ArrayBuffer> {
    const start = LINK_CELLS_BASE >> 2;
    return this.#frames.u32.subarray(start, start + this.#cellOf.size) as Uint32Array<ArrayBuffer>;
  }

  /** Number of the link cell for a target; undefined when all are taken. */
  cellOf(rip: bigint): number | undefined {
    let cell = this.#cellOf.get(rip);
    if (cell === undefined) {
      cell = this.#cellOf.size;
      if (cell >= LINK_CELLS_MAX) return undefined;
      this.#cellOf.set(rip, cell);
      this.#frames.u32[(LINK_CELLS_BASE >> 2) + cell] = this.find(rip)?.tableIndex ?? 0;
    }
    return cell;
  }

  /** An index of the function table, never used before. */
  newTableIndex(): number {
    const index = this.#nextTableIndex++;
    if (index >= this.#table.length) this.#table.grow(Math.max(64, this.#table.length));
    return index;
  }

  find(rip: bigint): CodeUnit | undefined {
    const unit = this.#current.units.get(Number(rip));
    return unit?.dropped ? undefined : unit;
  }

  /** Whether code at this address has been executed, as far as the running view remembers. */
  hasRun(rip: bigint): boolean {
    const key = Number(rip);
    return this.#current.seen.has(key) || this.#current.units.has(key);
  }

  /** Code of other views at this RIP that the running address space may use, if `isMapped` agrees on its pages. */
  adopt(rip: bigint, isMapped: (page: CodePage) => boolean): CodeUnit | undefined {
    const unit = this.#byRip.get(Number(rip))?.find((u) => !u.dropped && u.pages.every(isMapped));
    if (unit) this.#enter(unit);
    return unit;
  }

  /** Adds code to the running view, and marks its frames. Returns whether a frame was marked that had not been. */
  add(unit: CodeUnit): boolean {
    let marked = false;
    for (const { pfn } of unit.pages) {
      let units = this.#byFrame.get(pfn);
      if (units === undefined) {
        units = new Set();
        this.#byFrame.set(pfn, units);
      }
      units.add(unit);
      const at = FRAME_MARKS_BASE + pfn;
      if ((this.#frames.u8[at] & FRAME_MARK_CODE) === 0) {
        this.#frames.u8[at] |= FRAME_MARK_CODE;
        marked = true;
      }
    }
    this.#enter(unit);
    return marked;
  }
  #enter(unit: CodeUnit): void {
    // What this address space maps is not for those that it shares the view with: they may have nothing there.
    if (unit.pages.some(({ vpn, pfn }) => this.#current.pages.get(vpn) !== pfn)) this.part();
    this.#current.units.set(Number(unit.rip), unit);
    for (const { vpn, pfn } of unit.pages) this.#current.pages.set(vpn, pfn);
    if (unit.tableIndex === 0) return;
    const rip = Number(unit.rip);
    const sameRip = this.#byRip.get(rip);
    if (sameRip === undefined) this.#byRip.set(rip, [unit]);
    else if (!sameRip.includes(unit)) sameRip.push(unit);
    this.link(unit);
  }
  /** Lets jumps find a translated unit of the running view: its link cell, which may be younger, and the jump cache. */
  link(unit: CodeUnit): void {
    const cell = this.#cellOf.get(unit.rip);
    if (cell !== undefined) this.#frames.u32[(LINK_CELLS_BASE >> 2) + cell] = unit.tableIndex;
    const at = (JUMP_CACHE_BASE + jumpCacheOffset(unit.rip)) >> 3;
    this.#frames.u64[at] = unit.rip;
    this.#frames.u32[at * 2 + 2] = unit.tableIndex;
  }

  /** Notes that code is made of these bytes of a frame. */
  cover(pfn: Pfn, offset: number, bytes: number): void {
    let covered = this.#covered.get(pfn);
    if (covered === undefined) this.#covered.set(pfn, (covered = new Uint8Array(PAGE_SIZE)));
    covered.fill(1, offset, offset + bytes);
  }
  /** Whether code was made of any of these bytes: data beside code may be written without dropping it. */
  isCovered(pfn: Pfn, offset: number, bytes: number): boolean {
    return (
      this.#covered
        .get(pfn)
        ?.subarray(offset, offset + bytes)
        .includes(1) ?? false
    );
  }

  /** Drops code that begins at an address, and translations that can be entered there. */
  dropEntry(rip: bigint): void {
    const found = [...(this.#byRip.get(Number(rip)) ?? [])];
    const unit = this.#current.units.get(Number(rip));
    if (unit !== undefined && !found.includes(unit)) found.push(unit);
    for (const { region } of found.filter((u) => u.region !== undefined))
      for (const sibling of this.#current.units.values()) if (sibling.region === region) found.push(sibling);
    for (const one of found) {
      this.#drop(one);
      for (const page of one.pages) this.#byFrame.get(page.pfn)?.delete(one);
    }
  }
  /** Drops code that contains the instruction at an address, and all beside it in its frame. */
  dropCode(rip: bigint): void {
    const pfn = this.#current.pages.get(Number(rip >> 12n));
    if (pfn !== undefined && this.isCovered(pfn, Number(rip & 0xfffn), 1)) this.dropFrame(pfn);
  }
  dropAll(): void {
    for (const pfn of [...this.#byFrame.keys()]) this.dropFrame(pfn);
  }

  /** Drops all code in a frame, from all views: its bytes are about to change. */
  dropFrame(pfn: Pfn): void {
    this.#frames.u8[FRAME_MARKS_BASE + pfn] &= ~FRAME_MARK_CODE;
    this.#covered.delete(pfn);
    const units = this.#byFrame.get(pfn);
    if (units === undefined) return;
    this.#byFrame.delete(pfn);
    for (const unit of units) {
      this.#drop(unit);
      for (const page of unit.pages) if (page.pfn !== pfn) this.#byFrame.get(page.pfn)?.delete(unit);
    }
  }
  #drop(unit: CodeUnit): void {
    unit.dropped = true;
    if (unit.tableIndex !== 0) {
      // Link cells and jump-cache entries of any view may still name it: they now report a miss.
      this.#table.set(unit.tableIndex, this.#table.get(0));
      const sameRip = this.#byRip.get(Number(unit.rip));
      if (sameRip) {
        const rest = sameRip.filter((u) => u !== unit);
        if (rest.length > 0) this.#byRip.set(Number(unit.rip), rest);
        else this.#byRip.delete(Number(unit.rip));
      }
    }
    if (this.#current.units.get(Number(unit.rip)) === unit) this.#current.units.delete(Number(unit.rip));
  }

  /** Code pages of the running view that are not mapped as they were. */
  unmappedPages(isMapped: (page: CodePage) => boolean): ReadonlySet<number> {
    const gone = new Set<number>();
    for (const [vpn, pfn] of this.#current.pages) if (!isMapped({ vpn, pfn })) gone.add(vpn);
    return gone;
  }
  /** Removes from the running view all code on these pages. */
  remove(gone: ReadonlySet<number>): void {
    const view = this.#current;
    for (const vpn of gone) view.pages.delete(vpn);
    for (const [rip, unit] of view.units) {
      if (!unit.pages.some((page) => gone.has(page.vpn))) continue;
      view.units.delete(rip);
      const cell = this.#cellOf.get(unit.rip);
      if (cell !== undefined) this.#frames.u32[(LINK_CELLS_BASE >> 2) + cell] = 0;
    }
  }
}
