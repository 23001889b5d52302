/**
 * Files in memory over a disk that outlives the machine: what `--crash-at` is about. After a power failure there is what
 * the disk holds: names, owners, permissions and sizes as they were last (a journal has them at once), and of the bytes
 * those that fsync(2) or msync(2) have written. Bytes that were only stored, or only written to the page cache, are as
 * they were on the disk before, or zeros.
 *
 * Linux writes dirty pages whenever it likes, so a program must not count on their being lost either: `disk(also)` says
 * which of them happened to be written.
 */
import { Errno } from '../../../abi/errno.ts';
import { PAGE_SIZE } from '../../../base/ints.ts';
import { PageCache, type PageSource } from '../../mm/page-cache.ts';
import type { Inode, NewInode } from '../inode.ts';
import { RamDirectory, RamFile, RamFs, RamSymlink } from './ramfs.ts';

/** A file, directory or symbolic link that the disk holds. */
export interface OnDisk {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Of a file; pages that are not there are zeros. */
  readonly content?: { readonly sizeBytes: number; readonly pages: ReadonlyMap<number, Uint8Array> };
}

/** By path without the leading slash, a directory before what is in it; names of one file have one entry. */
export type Disk = ReadonlyMap<string, OnDisk>;

/** Whether a dirty page has been written nevertheless. */
export type WrittenEarly = (path: string, page: number) => boolean;

export class DiskFs extends RamFs {
  /** Files that are there, with or without a name. */
  readonly regularFiles = new Set<DiskFile>();

  override makeFile(init: NewInode): RamFile {
    return new DiskFile(this, init, new DiskPages(), 0);
  }

  /** It is on the disk from the start. */
  override makeFileOf(bytes: Uint8Array, _name: string, init: NewInode): RamFile {
    const pages = new Map<number, Uint8Array>();
    for (let at = 0; at < bytes.length; at += PAGE_SIZE) pages.set(at / PAGE_SIZE, bytes.subarray(at, at + PAGE_SIZE));
    return new DiskFile(this, init, new DiskPages(pages), bytes.length);
  }

  override sync(): Errno | undefined {
    for (const file of this.regularFiles) {
      const failed = file.cache.sync();
      if (failed instanceof Errno) return failed;
    }
    return undefined;
  }

  /** What is on the disk. */
  disk(also: WrittenEarly = () => false): Disk {
    const found = new Map<string, OnDisk>();
    collect(this.root, '', found, new Map(), also);
    return found;
  }

  /** Puts what another machine has left on its disk where it was; directories that are there stay as they are. */
  restore(disk: Disk): void {
    const made = new Map<OnDisk, Inode>();
    for (const [path, entry] of disk) {
      const slash = path.lastIndexOf('/');
      const parent = this._directory(path.slice(0, Math.max(0, slash)));
      const name = path.slice(slash + 1);
      const { mode, uid, gid } = entry;
      const known = made.get(entry);
      if (known !== undefined) parent.link(name, known);
      else if (entry.content !== undefined) {
        const pages = new DiskPages(entry.content.pages);
        const file = new DiskFile(this, { mode, uid, gid }, pages, entry.content.sizeBytes);
        parent.place(name, file);
        made.set(entry, file);
      } else if (parent.lookup(name) !== undefined) continue;
      else if (entry.target !== undefined) parent.makeSymlink(name, entry.target, { mode, uid, gid });
      else parent.makeDirectory(name, { mode, uid, gid });
    }
  }

  private _directory(path: string): RamDirectory {
    let at: Inode | undefined = this.root;
    for (const name of path.split('/')) if (name !== '' && at instanceof RamDirectory) at = at.lookup(name);
    return at instanceof RamDirectory ? at : this.root;
  }
}

/** The bytes of one file that have reached the disk. */
class DiskPages implements PageSource {
  readonly pages: Map<number, Uint8Array>;

  constructor(pages: ReadonlyMap<number, Uint8Array> = new Map()) {
    this.pages = new Map(pages);
  }

  readPage(index: number, page: Uint8Array): void {
    page.set(this.pages.get(index) ?? []);
  }

  writePage(index: number, bytes: Uint8Array): undefined {
    this.pages.set(index, bytes.slice());
  }

  truncate(sizeBytes: number): void {
    for (const [index, bytes] of this.pages) {
      const left = sizeBytes - index * PAGE_SIZE;
      if (left <= 0) this.pages.delete(index);
      else if (left < bytes.length) this.pages.set(index, bytes.slice(0, left));
    }
  }
}

class DiskFile extends RamFile {
  private readonly _pages: DiskPages;

  constructor(fs: DiskFs, init: NewInode, pages: DiskPages, sizeBytes: number) {
    super(fs, init, new PageCache(fs.host.frames, '', pages, sizeBytes));
    this._pages = pages;
    fs.regularFiles.add(this);
  }

  protected override evict(): void {
    (this.fs as DiskFs).regularFiles.delete(this);
    super.evict();
  }

  override truncate(sizeBytes: number): ReturnType<RamFile['truncate']> {
    const failed = super.truncate(sizeBytes);
    if (failed === undefined) this._pages.truncate(sizeBytes);
    return failed;
  }

  onDisk(writtenEarly: (page: number) => boolean): NonNullable<OnDisk['content']> {
    const pages = new Map(this._pages.pages);
    for (const index of this.cache.dirtyPages()) {
      const pfn = this.cache.findPage(index);
      if (pfn !== undefined && writtenEarly(index)) pages.set(index, this.fs.host.frames.bytes(pfn).slice());
    }
    return { sizeBytes: this.sizeBytes, pages };
  }
}

/** Files that were not made by the guest (the program, /etc) are there again anyway, and device nodes are on no disk. */
function collect(
  directory: RamDirectory,
  prefix: string,
  found: Map<string, OnDisk>,
  files: Map<Inode, OnDisk>,
  also: WrittenEarly,
): void {
  for (const { name } of directory.entries(0)) {
    const inode = directory.lookup(name)!;
    const path = prefix + name;
    const { mode, uid, gid } = inode;
    if (inode instanceof DiskFile) {
      const entry = files.get(inode) ?? { mode, uid, gid, content: inode.onDisk((page) => also(path, page)) };
      files.set(inode, entry);
      found.set(path, entry);
    } else if (inode instanceof RamSymlink) found.set(path, { mode, uid, gid, target: inode.readlink() });
    else if (inode instanceof RamDirectory) {
      found.set(path, { mode, uid, gid });
      collect(inode, `${path}/`, found, files, also);
    }
  }
}
