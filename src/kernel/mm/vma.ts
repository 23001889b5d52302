/**
 * Virtual memory areas: ranges of pages with the same rights and the same origin, and the sorted list of those of one
 * address space. Adjacent areas that could be one are one, as Linux merges them (mm/mmap.c, `vma_merge`); left out:
 * that areas whose pages were first written apart from each other stay apart there (anon_vma).
 */
import type { Vpn } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import type { Backing } from './backing.ts';

/** A range of pages, half-open. */
export interface PageRange {
  readonly start: Vpn;
  readonly end: Vpn;
}

export interface Vma extends PageRange {
  /** PROT_READ | PROT_WRITE | PROT_EXEC. */
  readonly prot: number;
  readonly shared: boolean;
  /** The stack: a touch below it extends it. */
  readonly growsDown: boolean;
  /** Undefined for private anonymous memory. */
  readonly backing: Backing | undefined;
  /** Index in the backing of the first page; 0 without one. */
  readonly offset: number;
}

/** The sorted areas of one address space. They are values: a change puts new ones in their place. */
export class VmaList {
  readonly #areas: Vma[] = [];

  [Symbol.iterator](): Iterator<Vma> {
    return this.#areas[Symbol.iterator]();
  }

  get length(): number {
    return this.#areas.length;
  }

  find(vpn: number): Vma | undefined {
    const vma = this.#areas[this.#firstEndingAfter(vpn)];
    return vma !== undefined && vma.start <= vpn ? vma : undefined;
  }

  /** The first area that ends after the page: the one that holds it, or the next above. */
  findNext(vpn: number): Vma | undefined {
    return this.#areas[this.#firstEndingAfter(vpn)];
  }

  /** The last area that ends at or below the page. */
  findPrevious(vpn: number): Vma | undefined {
    return this.#areas[this.#firstEndingAfter(vpn) - 1];
  }

  overlaps(start: number, end: number): boolean {
    const next = this.findNext(start);
    return next !== undefined && next.start < end;
  }

  /** The areas that have pages in the range, whole. */
  within(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    for (let i = this.#firstEndingAfter(start); i < this.#areas.length && this.#areas[i].start < end; i++)
      found.push(this.#areas[i]);
    return found;
  }

  /** Adds an area where none is, and merges it with its neighbours. */
  insert(vma: Vma): void {
    invariant(vma.start < vma.end && !this.overlaps(vma.start, vma.end), 'an area overlaps another');
    const at = this.#firstEndingAfter(vma.start);
    this.#replace(at, 0, [vma]);
    this.#mergeAround(at, at + 1);
  }

  /** Takes a range out, splitting areas that reach beyond it. The result is what was inside. */
  remove(start: Vpn, end: Vpn): Vma[] {
    const { first, count } = this.#splitAt(start, end);
    const removed = this.#areas.slice(first, first + count);
    this.#replace(first, count, []);
    return removed;
  }

  /** Gives the areas in a range other rights, splitting and merging as needed. */
  setProt(start: Vpn, end: Vpn, prot: number): void {
    const { first, count } = this.#splitAt(start, end);
    const changed = this.#areas.slice(first, first + count).map((vma) => ({ ...vma, prot }));
    this.#replace(first, count, changed);
    this.#mergeAround(first, first + count);
  }

  /** Moves the start of an area down, over pages that no area has. */
  extendDown(vma: Vma, start: Vpn): Vma {
    const at = this.#areas.indexOf(vma);
    invariant(at >= 0 && start < vma.start && !this.overlaps(start, vma.start), 'an area cannot grow over another');
    const grown = { ...vma, start };
    this.#replace(at, 1, [grown]);
    return grown;
  }

  #firstEndingAfter(vpn: number): number {
    let low = 0;
    let high = this.#areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#areas[middle].end <= vpn) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Cuts areas so that none crosses the ends of the range; says which are inside. */
  #splitAt(start: Vpn, end: Vpn): { first: number; count: number } {
    for (const vpn of [start, end]) {
      const at = this.#firstEndingAfter(vpn);
      const vma = this.#areas[at];
      if (vma !== undefined && vma.start < vpn) this.#replace(at, 1, split(vma, vpn));
    }
    const first = this.#firstEndingAfter(start);
    let count = 0;
    while (first + count < this.#areas.length && this.#areas[first + count].start < end) count++;
    return { first, count };
  }

  /** Merges the areas from index `first` to before `last` with each other and with their neighbours. */
  #mergeAround(first: number, last: number): void {
    for (let i = Math.min(last, this.#areas.length - 1); i >= Math.max(first, 1); i--) {
      const lower = this.#areas[i - 1];
      const upper = this.#areas[i];
      if (canMerge(lower, upper)) this.#replace(i - 1, 2, [{ ...lower, end: upper.end }]);
    }
  }

  /** The one place where areas come and go: each holds a use of its backing. */
  #replace(at: number, count: number, areas: readonly Vma[]): void {
    for (const vma of areas) vma.backing?.retain();
    for (const vma of this.#areas.splice(at, count, ...areas)) vma.backing?.release();
  }
}

function split(vma: Vma, at: Vpn): [Vma, Vma] {
  const offset = vma.backing === undefined ? 0 : vma.offset + (at - vma.start);
  return [
    { ...vma, end: at },
    { ...vma, start: at, offset },
  ];
}

const canMerge = (lower: Vma, upper: Vma): boolean =>
  lower.end === upper.start &&
  lower.prot === upper.prot &&
  lower.shared === upper.shared &&
  lower.growsDown === upper.growsDown &&
  lower.backing === upper.backing &&
  (lower.backing === undefined || lower.offset + (lower.end - lower.start) === upper.offset);
