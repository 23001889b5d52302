/**
 * The page cache of one regular file: its pages in frames, which read(2), write(2) and every mapping share. A page
 * comes from the file's source when it is first asked for; without a source it is zeros (a file in memory, whose only
 * copy this is). Pages that were written since are dirty until they are written back. mm/filemap.c, mm/shmem.c.
 */
import { ENOMEM, Errno } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
import type { Frames } from '../../mem/frames.ts';
import type { AddressSpace } from './address-space.ts';
import { Backing } from './backing.ts';

/** Where the pages of a file are when they are not in memory. */
export interface PageSource {
  /** Writes a page's bytes into 4096 zeros; it may hold fewer. */
  readPage(index: number, page: Uint8Array): void;
  /** Takes the bytes of a page, fewer at the end of the file. Without it nothing is ever written back. */
  writePage?(index: number, bytes: Uint8Array): Errno | undefined;
}

/** Pages of bytes that are at hand, which nobody may change. */
export const pagesOf = (bytes: Uint8Array): PageSource => ({
  readPage: (index, page) => page.set(bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE)),
});

export class PageCache extends Backing {
  private readonly _source: PageSource | undefined;
  /** Bytes at or beyond this place never were in the source, or have been cut off. */
  private _sourceBytes: number;
  private _sizeBytes: number;
  /** Pages that are to be written back, and by no entry's D bit known as such any more. */
  private readonly _dirty = new Set<number>();

  constructor(frames: Frames, name: string, source?: PageSource, sizeBytes = 0) {
    super(frames, name);
    if (source !== undefined) frames.reclaimable.add(this);
    this._source = source;
    this._sizeBytes = sizeBytes;
    this._sourceBytes = source === undefined ? 0 : sizeBytes;
  }

  get sizeBytes(): number {
    return this._sizeBytes;
  }

  /** A page that differs from its source must not be dropped as if it could be read again, written back or not. */
  override get keepsDirty(): boolean {
    return this._source !== undefined;
  }

  private get _writesBack(): boolean {
    return this._source?.writePage !== undefined;
  }

  override release(space?: AddressSpace): void {
    super.release(space);
    if (!this.isUsed) this.frames.reclaimable.delete(this);
  }

  override markDirty(index: number): void {
    this._dirty.add(index);
  }

  /** Gives back so many pages that can be read again and that nobody maps; how many there were. */
  reclaim(most: number): number {
    return this.dropUnmapped(most, (index) => !this.isPageDirty(index));
  }

  /** What came from a source counts as a file, what is in memory alone as shared memory. */
  override get isFile(): boolean {
    return this._source !== undefined;
  }

  override isPageDirty(index: number): boolean {
    return !this._isSourced(index) || this._dirty.has(index);
  }

  /**
   * msync(2), fsync(2): writes the dirty pages of a range back, the lowest first. The first failure ends it; that page and
   * the ones after it stay dirty.
   */
  override sync(first = 0, end: number = Number.POSITIVE_INFINITY): Errno | undefined {
    if (!this._writesBack) return undefined;
    for (const space of this.spaces()) space.collectDirty(this, first, end);
    const pages = [...this._dirty].filter((index) => index >= first && index < end).sort((a, b) => a - b);
    for (const index of pages) {
      const pfn = this.findPage(index);
      const length = Math.min(PAGE_SIZE, this._sizeBytes - index * PAGE_SIZE);
      if (pfn !== undefined && length > 0) {
        const failed = this._source!.writePage!(index, this.frames.bytes(pfn).slice(0, length));
        if (failed instanceof Errno) return failed;
        this._sourceBytes = Math.max(this._sourceBytes, index * PAGE_SIZE + length);
      }
      this._dirty.delete(index);
    }
    return undefined;
  }

  /** Pages that a write back would write, those that only page tables know of included. */
  dirtyPages(): number[] {
    for (const space of this.spaces()) space.collectDirty(this, 0, Number.POSITIVE_INFINITY);
    return [...this._dirty].sort((a, b) => a - b);
  }

  /** Makes a range of pages zeros; private copies stay. ENOMEM: a source has to be told of zeros, and there is no frame. */
  override punchHole(first: number, end: number): Errno | undefined {
    const pages = Math.ceil(this._sizeBytes / PAGE_SIZE);
    const sourced = Math.min(end, Math.ceil(this._sourceBytes / PAGE_SIZE));
    for (let index = first; index < sourced; index++) {
      const pfn = this.page(index);
      if (typeof pfn === 'string') return ENOMEM;
      this.frames.bytesForWrite(pfn).fill(0);
      this.markDirty(index);
    }
    this.dropPages(Math.max(first, sourced), Math.min(end, pages), false);
    return undefined;
  }

  holds(index: number): boolean {
    return index * PAGE_SIZE < this._sizeBytes;
  }

  fill(index: number, page: Uint8Array): void {
    const end = Math.min(this._sizeBytes, this._sourceBytes) - index * PAGE_SIZE;
    if (end <= 0) return;
    this._source!.readPage(index, page);
    if (end < PAGE_SIZE) page.fill(0, end);
  }

  /** The bytes from a place on, in a copy: at most so many of one page; none at the end of the file. */
  read(position: number, most: number): Uint8Array | 'out of memory' {
    const inPage = position % PAGE_SIZE;
    const index = (position - inPage) / PAGE_SIZE;
    const count = Math.min(most, PAGE_SIZE - inPage, this._sizeBytes - position);
    if (count <= 0) return new Uint8Array(0);
    // A hole takes no frame when it is read.
    if (this.findPage(index) === undefined && !this._isSourced(index)) return new Uint8Array(count);
    const pfn = this.page(index);
    if (typeof pfn === 'string') return 'out of memory';
    const start = pfn * PAGE_SIZE + inPage;
    return this.frames.u8.slice(start, start + count);
  }

  /** The bytes from a place on, over pages: fewer at the end of the file, or when memory is used up. */
  readAll(position: number, length: number): Uint8Array {
    const all = new Uint8Array(Math.max(0, Math.min(length, this._sizeBytes - position)));
    for (let done = 0; done < all.length; ) {
      const bytes = this.read(position + done, all.length - done);
      if (bytes === 'out of memory') return all.subarray(0, done);
      all.set(bytes, done);
      done += bytes.length;
    }
    return all;
  }

  /** Stores bytes, which lie in one page; the file grows to hold them. */
  write(position: number, bytes: Uint8Array): 'out of memory' | undefined {
    const inPage = position % PAGE_SIZE;
    const index = (position - inPage) / PAGE_SIZE;
    const before = this._sizeBytes;
    if (position > before) this._clearTail(position);
    this._sizeBytes = Math.max(before, position + bytes.length);
    const pfn = this.page(index);
    if (typeof pfn === 'string') {
      this._sizeBytes = before;
      return 'out of memory';
    }
    this.frames.write(pfn, inPage, bytes);
    if (this.keepsDirty) this.markDirty(index);
    return undefined;
  }

  /**
   * The file grows: what a mapping has left behind its end in the last page becomes zeros. Files in memory keep it, as
   * tmpfs does.
   */
  private _clearTail(sizeBytes: number): void {
    const before = this._sizeBytes;
    const end = Math.min(sizeBytes, Math.ceil(before / PAGE_SIZE) * PAGE_SIZE);
    if (this._writesBack) this.zero(before, end);
  }

  private _isSourced(index: number): boolean {
    return index * PAGE_SIZE < this._sourceBytes;
  }

  /** Where data, or a hole, starts at or after a place inside; the end of the file is a hole. Undefined: no data follows. */
  seekHole(position: number, wanted: 'data' | 'hole'): number | undefined {
    for (let at = position; at < this._sizeBytes; at = (Math.floor(at / PAGE_SIZE) + 1) * PAGE_SIZE) {
      const index = Math.floor(at / PAGE_SIZE);
      const isData = this.findPage(index) !== undefined || this._isSourced(index);
      if (isData === (wanted === 'data')) return at;
    }
    return wanted === 'hole' ? this._sizeBytes : undefined;
  }

  /** Another size for pages that stay: those beyond the end are kept, as fallocate(2) with FALLOC_FL_KEEP_SIZE leaves them. */
  setSize(sizeBytes: number): void {
    if (sizeBytes > this._sizeBytes) this._clearTail(sizeBytes);
    this._sizeBytes = sizeBytes;
  }

  /** Zeros for a range of bytes inside one page, if it has one. */
  zero(start: number, end: number): void {
    const index = Math.floor(start / PAGE_SIZE);
    const pfn = start < end ? this.findPage(index) : undefined;
    if (pfn === undefined) return;
    this.frames.bytesForWrite(pfn).fill(0, start - index * PAGE_SIZE, end - index * PAGE_SIZE);
    if (this.keepsDirty) this.markDirty(index);
  }

  /** The source is no longer what it was: what was read of it is forgotten. Nothing may be dirty. */
  refresh(sizeBytes: number): void {
    this.dropPages(0, Number.POSITIVE_INFINITY, false);
    this._sizeBytes = sizeBytes;
    this._sourceBytes = sizeBytes;
  }

  /** The file gets another size: what is cut off is gone, what is added is zeros. */
  truncate(sizeBytes: number): void {
    const pages = Math.ceil(sizeBytes / PAGE_SIZE);
    if (sizeBytes < this._sizeBytes) {
      this.dropPages(pages, Number.POSITIVE_INFINITY, true);
      const end = sizeBytes % PAGE_SIZE;
      const last = this.findPage(pages - 1);
      if (end > 0 && last !== undefined) this.frames.bytesForWrite(last).fill(0, end);
      for (const index of this._dirty) if (index >= pages) this._dirty.delete(index);
      this._sourceBytes = Math.min(this._sourceBytes, sizeBytes);
    } else this._clearTail(sizeBytes);
    this._sizeBytes = sizeBytes;
  }
}
