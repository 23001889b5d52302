/**
 * The page cache of one regular file: its pages in frames, which read(2), write(2) and every mapping share. A page
 * comes from the file's source when it is first asked for; without a source it is zeros (a file in memory, whose only
 * copy this is). mm/filemap.c, mm/shmem.c.
 */
import { PAGE_SIZE } from '../../base/ints.ts';
import type { Frames } from '../../mem/frames.ts';
import { Backing } from './backing.ts';

/** Where the pages of a file are when they are not in memory. */
export interface PageSource {
  /** Writes a page's bytes into 4096 zeros; it may hold fewer. */
  readPage(index: number, page: Uint8Array): void;
}

export class PageCache extends Backing {
  readonly #source: PageSource | undefined;
  /** Pages at or beyond this index never were in the source, or have been cut off. */
  #sourcePages: number;
  #sizeBytes: number;

  constructor(frames: Frames, name: string, source?: PageSource, sizeBytes = 0) {
    super(frames, name);
    this.#source = source;
    this.#sizeBytes = sizeBytes;
    this.#sourcePages = Math.ceil(sizeBytes / PAGE_SIZE);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  holds(index: number): boolean {
    return index * PAGE_SIZE < this.#sizeBytes;
  }

  fill(index: number, page: Uint8Array): void {
    if (index < this.#sourcePages) this.#source?.readPage(index, page);
    const end = this.#sizeBytes - index * PAGE_SIZE;
    if (end < PAGE_SIZE) page.fill(0, Math.max(0, end));
  }

  /** The bytes from a place on, in a copy: at most so many of one page; none at the end of the file. */
  read(position: number, most: number): Uint8Array | 'out of memory' {
    const inPage = position % PAGE_SIZE;
    const index = (position - inPage) / PAGE_SIZE;
    const count = Math.min(most, PAGE_SIZE - inPage, this.#sizeBytes - position);
    if (count <= 0) return new Uint8Array(0);
    // A hole takes no frame when it is read.
    if (this.findPage(index) === undefined && (this.#source === undefined || index >= this.#sourcePages))
      return new Uint8Array(count);
    const pfn = this.page(index);
    if (typeof pfn === 'string') return 'out of memory';
    const start = pfn * PAGE_SIZE + inPage;
    return this.frames.u8.slice(start, start + count);
  }

  /** Stores bytes, which lie in one page; the file grows to hold them. */
  write(position: number, bytes: Uint8Array): 'out of memory' | undefined {
    const inPage = position % PAGE_SIZE;
    const index = (position - inPage) / PAGE_SIZE;
    const before = this.#sizeBytes;
    this.#sizeBytes = Math.max(before, position + bytes.length);
    const pfn = this.page(index);
    if (typeof pfn === 'string') {
      this.#sizeBytes = before;
      return 'out of memory';
    }
    this.frames.write(pfn, inPage, bytes);
    return undefined;
  }

  /** Where data, or a hole, starts at or after a place inside; the end of the file is a hole. Undefined: no data follows. */
  seekHole(position: number, wanted: 'data' | 'hole'): number | undefined {
    for (let at = position; at < this.#sizeBytes; at = (Math.floor(at / PAGE_SIZE) + 1) * PAGE_SIZE) {
      const index = Math.floor(at / PAGE_SIZE);
      const isData = this.findPage(index) !== undefined || (this.#source !== undefined && index < this.#sourcePages);
      if (isData === (wanted === 'data')) return at;
    }
    return wanted === 'hole' ? this.#sizeBytes : undefined;
  }

  /** The file gets another size: what is cut off is gone, what is added is zeros. */
  truncate(sizeBytes: number): void {
    const pages = Math.ceil(sizeBytes / PAGE_SIZE);
    if (sizeBytes < this.#sizeBytes) {
      this.dropPages(pages, Number.POSITIVE_INFINITY, true);
      const end = sizeBytes % PAGE_SIZE;
      const last = this.findPage(pages - 1);
      if (end > 0 && last !== undefined) this.frames.bytesForWrite(last).fill(0, end);
      this.#sourcePages = Math.min(this.#sourcePages, pages);
    }
    this.#sizeBytes = sizeBytes;
  }
}
