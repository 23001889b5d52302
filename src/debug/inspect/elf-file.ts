/**
 * An ELF file of the modeled kernel's, with its symbols, lines and unwind tables, each read when it is first asked for. The
 * bytes come from the page cache, or from where that would get them: no frame is taken and no time changes.
 */
import { PAGE_SIZE } from '../../base/ints.ts';
import { UnwindTable } from '../../elf/dwarf/unwind-table.ts';
import type { ElfSource } from '../../elf/image.ts';
import { Lines } from '../../elf/lines.ts';
import { type LoadSegment, readLoads } from '../../elf/loads.ts';
import { Symbols } from '../../elf/symbols.ts';
import type { PageCache } from '../../kernel/mm/page-cache.ts';
import { versionOf } from '../../kernel/task/program.ts';
import type { RegularFile } from '../../kernel/vfs/inode.ts';
import type { Frames } from '../../mem/frames.ts';

/** An ELF file as it is now; the same object as long as its contents are the same. */
export class ElfFile {
  readonly source: ElfSource;
  readonly loads: readonly LoadSegment[];
  private _bytes: Uint8Array | undefined;
  private _symbols: Symbols | undefined;
  private _lines: Lines | undefined;
  private _unwindTable: UnwindTable | undefined;

  constructor(source: ElfSource) {
    this.source = source;
    this.loads = readLoads(source);
  }

  get symbols(): Symbols {
    return (this._symbols ??= new Symbols(this.bytes()));
  }

  get lines(): Lines {
    return (this._lines ??= new Lines(this.bytes()));
  }

  get unwindTable(): UnwindTable {
    return (this._unwindTable ??= new UnwindTable(this.bytes()));
  }

  /** All of it, as it was when it was first asked for. */
  bytes(): Uint8Array {
    return (this._bytes ??= this.source.read(0, this.source.sizeBytes));
  }
}

const FILES = new WeakMap<RegularFile, { readonly version: string; readonly elf: ElfFile }>();

/** The file that an inode is now; it is read anew once its contents have changed. */
export function elfFile(inode: RegularFile, cache: PageCache, frames: Frames): ElfFile {
  const version = versionOf(inode);
  const known = FILES.get(inode);
  if (known?.version === version) return known.elf;
  const elf = new ElfFile(sourceOf(cache, frames));
  FILES.set(inode, { version, elf });
  return elf;
}

/** The file's bytes as a read(2) would give them, without the frames and the times that it would change. */
function sourceOf(cache: PageCache, frames: Frames): ElfSource {
  return {
    get sizeBytes() {
      return cache.sizeBytes;
    },
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, cache.sizeBytes - offset)));
      for (let done = 0; done < bytes.length; ) {
        const inPage = (offset + done) % PAGE_SIZE;
        const index = (offset + done - inPage) / PAGE_SIZE;
        const count = Math.min(PAGE_SIZE - inPage, bytes.length - done);
        bytes.set(pageOf(cache, frames, index).subarray(inPage, inPage + count), done);
        done += count;
      }
      return bytes;
    },
  };
}

function pageOf(cache: PageCache, frames: Frames, index: number): Uint8Array {
  const pfn = cache.findPage(index);
  if (pfn !== undefined) return frames.bytes(pfn);
  const page = new Uint8Array(PAGE_SIZE);
  cache.fill(index, page);
  return page;
}
