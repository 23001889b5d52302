/**
 * Virtual memory areas: ranges of pages with the same rights and the same origin, and the sorted list of those of one
 * address space. Adjacent areas that could be one are one, as Linux merges them: mm/vma.c (`vma_merge_new_range`,
 * `vma_merge_existing_range`, `is_mergeable_anon_vma`).
 */
import { PROT_WRITE } from '../../abi/mman.ts';
import type { Vpn } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { AddressSpace } from './address-space.ts';
import type { Backing } from './backing.ts';
import type { MemoryPolicy } from './policy.ts';
import { VM_LOCKED } from './vm-flags.ts';

/** A range of pages, half-open. */
export interface PageRange {
  readonly start: Vpn;
  readonly end: Vpn;
}

/**
 * Where an area's private pages are registered once it has some: Linux's anon_vma. Areas with different ones stay apart
 * although they look alike, which /proc/PID/maps shows. A child's is its own and remembers that it has a parent's.
 */
export class AnonRoot {
  readonly isInherited: boolean;
  constructor(isInherited: boolean) {
    this.isInherited = isInherited;
  }
}

export interface Vma extends PageRange {
  /** PROT_READ | PROT_WRITE | PROT_EXEC. */
  readonly prot: number;
  readonly shared: boolean;
  /** The stack: a touch below it extends it. */
  readonly growsDown: boolean;
  /** Undefined for private anonymous memory. */
  readonly backing: Backing | undefined;
  /** The open file that it was made of, which the area keeps open; undefined also for shared memory without a name. */
  readonly file: OpenFile | undefined;
  /** Index in the backing of the first page. Without one: the page that it was when the area was made or last moved empty. */
  readonly offset: number;
  /** VM_ bits, without those that the fields above tell (vm-flags.ts). */
  readonly flags: number;
  readonly anon: AnonRoot | undefined;
  /** mbind(2); undefined for that of the task. */
  readonly policy: MemoryPolicy | undefined;
}

/** The sorted areas of one address space. They are values: a change puts new ones in their place. */
export class VmaList {
  private readonly _areas: Vma[] = [];
  private readonly _owner: AddressSpace | undefined;
  private _pages = 0;
  private _dataPages = 0;
  private _lockedPages = 0;

  /** The owner is told to the backings, which reach its entries through it. */
  constructor(owner?: AddressSpace) {
    this._owner = owner;
  }

  [Symbol.iterator](): Iterator<Vma> {
    return this._areas[Symbol.iterator]();
  }

  get length(): number {
    return this._areas.length;
  }

  /** Pages that the areas cover: total_vm. */
  get pages(): number {
    return this._pages;
  }

  /** Of these the private writable ones that are no stack: data_vm. */
  get dataPages(): number {
    return this._dataPages;
  }

  /** Of these the locked ones: locked_vm. */
  get lockedPages(): number {
    return this._lockedPages;
  }

  find(vpn: number): Vma | undefined {
    const vma = this._areas[this._firstEndingAfter(vpn)];
    return vma !== undefined && vma.start <= vpn ? vma : undefined;
  }

  /** The first area that ends after the page: the one that holds it, or the next above. */
  findNext(vpn: number): Vma | undefined {
    return this._areas[this._firstEndingAfter(vpn)];
  }

  /** The last area that ends at or below the page. */
  findPrevious(vpn: number): Vma | undefined {
    return this._areas[this._firstEndingAfter(vpn) - 1];
  }

  overlaps(start: number, end: number): boolean {
    const next = this.findNext(start);
    return next !== undefined && next.start < end;
  }

  /** The areas that have pages in the range, whole. */
  within(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    for (let i = this._firstEndingAfter(start); i < this._areas.length && this._areas[i].start < end; i++)
      found.push(this._areas[i]);
    return found;
  }

  /** Pages of the range that areas have. */
  pagesWithin(start: number, end: number): number {
    let sum = 0;
    for (const vma of this.within(start, end)) sum += Math.min(vma.end, end) - Math.max(vma.start, start);
    return sum;
  }

  /** Adds an area where none is, and merges it with its neighbours. The result is what it became part of. */
  insert(vma: Vma): Vma {
    invariant(vma.start < vma.end && !this.overlaps(vma.start, vma.end), 'an area overlaps another');
    const at = this._firstEndingAfter(vma.start);
    this._replace(at, 0, [vma]);
    this._mergeAround(at, at + 1);
    return this.find(vma.start)!;
  }

  /** Adds an area above all others, as it is: for a child, which gets its parent's areas in order. */
  append(vma: Vma): void {
    const last = this._areas.at(-1);
    invariant(last === undefined || last.end <= vma.start, 'areas are appended in order');
    this._replace(this._areas.length, 0, [vma]);
  }

  /** Takes a range out, splitting areas that reach beyond it. The result is what was inside. */
  remove(start: Vpn, end: Vpn): Vma[] {
    const { first, count } = this._splitAt(start, end);
    const removed = this._areas.slice(first, first + count);
    this._replace(first, count, []);
    return removed;
  }

  /** Changes the areas in a range, splitting and merging as needed. The change leaves their ranges alone. */
  change(start: Vpn, end: Vpn, changed: (vma: Vma) => Vma): void {
    const { first, count } = this._splitAt(start, end);
    this._replace(first, count, this._areas.slice(first, first + count).map(changed));
    this._mergeAround(first, first + count);
  }

  /** Puts an area with other properties in the place of one, merging nothing. */
  put(old: Vma, vma: Vma): Vma {
    const at = this._firstEndingAfter(old.start);
    invariant(this._areas[at] === old, 'the area is not there any more');
    invariant(vma.start < vma.end && !(this._areas[at - 1]?.end > vma.start), 'an area overlaps another');
    invariant(!(this._areas[at + 1]?.start < vma.end), 'an area overlaps another');
    this._replace(at, 1, [vma]);
    return vma;
  }

  private _firstEndingAfter(vpn: number): number {
    let low = 0;
    let high = this._areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this._areas[middle].end <= vpn) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Cuts areas so that none crosses the ends of the range; says which are inside. */
  private _splitAt(start: Vpn, end: Vpn): { first: number; count: number } {
    for (const vpn of [start, end]) {
      const at = this._firstEndingAfter(vpn);
      const vma = this._areas[at];
      if (vma !== undefined && vma.start < vpn) this._replace(at, 1, split(vma, vpn));
    }
    const first = this._firstEndingAfter(start);
    let count = 0;
    while (first + count < this._areas.length && this._areas[first + count].start < end) count++;
    return { first, count };
  }

  /** Merges the areas from index `first` to before `last` with each other and with their neighbours, from below. */
  private _mergeAround(first: number, last: number): void {
    for (let i = Math.max(first, 1), end = last; i <= end && i < this._areas.length; ) {
      const lower = this._areas[i - 1];
      const upper = this._areas[i];
      if (!canMerge(lower, upper)) i++;
      else {
        this._replace(i - 1, 2, [{ ...lower, end: upper.end, anon: lower.anon ?? upper.anon }]);
        end--;
      }
    }
  }

  /** The one place where areas come and go: each holds a use of its backing, and counts. */
  private _replace(at: number, count: number, areas: readonly Vma[]): void {
    const before = this._areas.splice(at, count, ...areas);
    for (const [i, vma] of areas.entries()) {
      this._count(vma, vma.end - vma.start);
      if (hasSameOrigin(vma, before[i])) continue;
      vma.backing?.retain(this._owner);
      vma.file?.retain();
    }
    for (const [i, vma] of before.entries()) {
      this._count(vma, vma.start - vma.end);
      if (hasSameOrigin(vma, areas[i])) continue;
      vma.backing?.release(this._owner);
      vma.file?.close();
    }
  }

  private _count(vma: Vma, pages: number): void {
    this._pages += pages;
    if (isData(vma)) this._dataPages += pages;
    if (vma.flags & VM_LOCKED) this._lockedPages += pages;
  }
}

const hasSameOrigin = (vma: Vma, other: Vma | undefined): boolean =>
  other !== undefined && vma.backing === other.backing && vma.file === other.file;

/** Whether RLIMIT_DATA counts it: `is_data_mapping`. */
export const isData = ({ prot, shared, growsDown }: Pick<Vma, 'prot' | 'shared' | 'growsDown'>): boolean =>
  (prot & PROT_WRITE) !== 0 && !shared && !growsDown;

function split(vma: Vma, at: Vpn): [Vma, Vma] {
  return [
    { ...vma, end: at },
    { ...vma, start: at, offset: vma.offset + (at - vma.start) },
  ];
}

/** Whether two areas lie side by side and have the same properties, rights aside. */
export const areAlike = (lower: Vma, upper: Vma): boolean =>
  lower.end === upper.start &&
  lower.shared === upper.shared &&
  lower.growsDown === upper.growsDown &&
  lower.flags === upper.flags &&
  lower.backing === upper.backing &&
  lower.file === upper.file &&
  lower.policy === upper.policy &&
  lower.offset + (lower.end - lower.start) === upper.offset;

const canMerge = (lower: Vma, upper: Vma): boolean =>
  areAlike(lower, upper) && lower.prot === upper.prot && canShareRoot(lower.anon, upper.anon);

/** One of them may have none yet, unless the other's comes from a parent. */
function canShareRoot(lower: AnonRoot | undefined, upper: AnonRoot | undefined): boolean {
  if (lower === upper) return true;
  if (lower !== undefined && upper !== undefined) return false;
  return !(lower ?? upper)!.isInherited;
}
