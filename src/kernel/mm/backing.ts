/**
 * Where the pages of a mapping come from when they are not private and anonymous. A backing is shared by every VMA that
 * maps it, in every address space, and owns one reference to each of its frames: that is why a page that is touched
 * after the fork is the same frame on both sides. Each VMA that names it holds one use; after the last the frames go.
 */
import { EOPNOTSUPP, type Errno } from '../../abi/errno.ts';
import type { Pfn } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import type { Frames } from '../../mem/frames.ts';
import type { AddressSpace } from './address-space.ts';
import { VM_MAYWRITE } from './vm-flags.ts';

export abstract class Backing {
  /** As /proc/PID/maps names it where no open file does. */
  readonly name: string;
  /** Device and inode number there: the mount that Linux keeps shared memory in. */
  readonly device: number = 1;
  readonly inode: number = 1;
  protected readonly frames: Frames;
  private readonly _pages = new Map<number, Pfn>();
  /** How many areas of each address space map it; whoever else uses it is counted under undefined. */
  private readonly _users = new Map<AddressSpace | undefined, number>();
  private _uses = 0;

  constructor(frames: Frames, name: string) {
    this.frames = frames;
    this.name = name;
  }

  retain(space?: AddressSpace): void {
    this._uses++;
    this._users.set(space, (this._users.get(space) ?? 0) + 1);
  }

  release(space?: AddressSpace): void {
    const left = (this._users.get(space) ?? 0) - 1;
    invariant(left >= 0, `release of unused backing ${this.name}`);
    if (left > 0) this._users.set(space, left);
    else this._users.delete(space);
    if (--this._uses > 0) return;
    for (const pfn of this._pages.values()) this.frames.release(pfn);
    this._pages.clear();
  }

  get isUsed(): boolean {
    return this._uses > 0;
  }

  /** The frame of a page if it has one already; it stays owned by the backing. */
  findPage(index: number): Pfn | undefined {
    return this._pages.get(index);
  }

  /** Which page a frame is, for views. */
  findIndex(pfn: Pfn): number | undefined {
    for (const [index, held] of this._pages) if (held === pfn) return index;
    return undefined;
  }

  /** The frame of a page, made when needed; it stays owned by the backing. `past the end` of a file is SIGBUS. */
  page(index: number): Pfn | 'past the end' | 'out of memory' {
    const known = this._pages.get(index);
    if (known !== undefined) return known;
    if (!this.holds(index)) return 'past the end';
    const made = this.frames.allocate();
    if (made === undefined) return 'out of memory';
    this.fill(index, this.frames.bytes(made));
    this._pages.set(index, made);
    return made;
  }

  /** Whether somebody wants to know of pages that were written through a shared mapping: `markDirty`. */
  get keepsDirty(): boolean {
    return false;
  }
  markDirty(_index: number): void {}

  /** Gives back pages that `mayGo` and nobody maps; how many. */
  protected dropUnmapped(most: number, mayGo: (index: number) => boolean): number {
    let dropped = 0;
    for (const [index, pfn] of this._pages) {
      if (dropped === most) break;
      if (this.frames.references(pfn) > 1 || !mayGo(index)) continue;
      this._drop(index);
      dropped++;
    }
    return dropped;
  }

  /** Frames that it holds. */
  get residentPages(): number {
    return this._pages.size;
  }

  /** Whether its pages are those of a file on a file system, and no shared memory: RssFile, not RssShmem. */
  get isFile(): boolean {
    return false;
  }
  /** Whether a page differs from what it was read from, as far as is known without looking at entries. */
  isPageDirty(_index: number): boolean {
    return true;
  }

  /** Writes the dirty pages of a range back to where they came from. */
  sync(_first: number, _end: number): Errno | undefined {
    return undefined;
  }

  /** Makes a range of pages zeros and gives their memory back: fallocate(2) with FALLOC_FL_PUNCH_HOLE. */
  punchHole(_first: number, _end: number): Errno | undefined {
    return EOPNOTSUPP;
  }

  /** Whether there is a shared mapping that may be written, or could be made so: i_mmap_writable. */
  isMappedWritable(): boolean {
    for (const { vmas } of this.spaces())
      for (const vma of vmas) if (vma.backing === this && vma.shared && vma.flags & VM_MAYWRITE) return true;
    return false;
  }

  /** Address spaces that map it now. */
  protected *spaces(): Iterable<AddressSpace> {
    for (const space of this._users.keys()) if (space !== undefined) yield space;
  }

  /**
   * Forgets a range of pages, and takes them out of every page table. `copies` also takes what private mappings have
   * made of them: after truncation, but not of a hole.
   */
  protected dropPages(first: number, end: number, copies: boolean): void {
    for (const space of this.spaces()) space.unmapBacking(this, first, end, copies);
    if (end - first < this._pages.size) for (let index = first; index < end; index++) this._drop(index);
    else for (const index of this._pages.keys()) if (index >= first && index < end) this._drop(index);
  }

  private _drop(index: number): void {
    const pfn = this._pages.get(index);
    if (pfn === undefined) return;
    this._pages.delete(index);
    this.frames.release(pfn);
  }

  /** Whether the page is inside. */
  abstract holds(index: number): boolean;
  /** Writes a page's first contents into 4096 zeros. */
  abstract fill(index: number, page: Uint8Array): void;
}

/** MAP_SHARED|MAP_ANONYMOUS: zeros until somebody writes. Linux keeps these in an unlinked file of their size. */
export class SharedAnonymous extends Backing {
  private readonly _pageCount: number;
  override readonly inode: number;
  constructor(frames: Frames, pages: number, inode: number, name = '/dev/zero (deleted)') {
    super(frames, name);
    this._pageCount = pages;
    this.inode = inode;
  }
  holds(index: number): boolean {
    return index < this._pageCount;
  }
  fill(): void {}
  override punchHole(first: number, end: number): undefined {
    this.dropPages(first, end, false);
  }
}
