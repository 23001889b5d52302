/** Files in memory, in the page cache alone: tmpfs(5), mm/shmem.c, fs/libfs.c. */
import { ENOSPC, ENOTEMPTY, EPERM, type Errno } from '../../../abi/errno.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_WRITE } from '../../../abi/fcntl.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../abi/stat.ts';
import { type StatFs, TMPFS_MAGIC } from '../../../abi/statfs.ts';
import { PAGE_SIZE } from '../../../base/ints.ts';
import { bytesOfName } from '../../../base/names.ts';
import { PageCache, pagesOf } from '../../mm/page-cache.ts';
import { FileSystem, type VfsHost } from '../file-system.ts';
import { type Directory, type DirectoryEntry, type Inode, type NewInode, RegularFile, Symlink } from '../inode.ts';
import { MemoryDirectory } from '../memory-directory.ts';
import { SpecialFile } from '../special-file.ts';

/** What tmpfs says a directory entry takes. */
const ENTRY_BYTES = 20;
/** Above those of `.` and `..`. */
const FIRST_POSITION = 3;

export class RamFs extends FileSystem {
  readonly type: string;
  readonly magic = TMPFS_MAGIC;
  readonly root: RamDirectory;

  constructor(host: VfsHost, device: number, root: Omit<NewInode, 'rdev'>, type = 'tmpfs') {
    super(host, device);
    this.type = type;
    this.root = new RamDirectory(this, root);
  }

  override readonly hasAttributes = true;

  /** Half of memory is what it may hold at the most, and as many files, as tmpfs(5) has it. */
  override statfs(): StatFs {
    const { frames } = this.host;
    const blocks = Math.floor(frames.limit / 2);
    const freeBlocks = Math.max(0, Math.min(blocks, frames.limit - frames.inUse()));
    return { ...super.statfs(), blocks, freeBlocks, files: this.mostFiles, freeFiles: this.mostFiles - this.files };
  }

  /** Frames that its files hold. */
  residentPages(): number {
    return this.root.residentPages();
  }

  /** Files of any kind that may be there at the same time. */
  get mostFiles(): number {
    return Math.floor(this.host.frames.limit / 2);
  }
  /** How many there are. */
  files = 1;

  /** A regular file that has no name yet. */
  makeFile(init: NewInode): RamFile {
    return new RamFile(this, init);
  }

  /** A regular file of bytes that are at hand, without a name in the tree yet. */
  makeFileOf(bytes: Uint8Array, name: string, init: NewInode): RamFile {
    return new RamFile(this, init, new PageCache(this.host.frames, name, pagesOf(bytes), bytes.length));
  }

  override get options(): string {
    const kibibytes = Math.floor(this.host.frames.limit / 2) * 4;
    return this.type === 'tmpfs' ? `,size=${kibibytes}k` : `,size=${kibibytes}k,nr_inodes=${this.mostFiles},mode=755`;
  }

  shutDown(): void {
    this.root.dropAll();
  }
}

/** Ascending numbers as half-open ranges. */
function runsOf(numbers: readonly number[]): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number) last[1]++;
    else runs.push([number, number + 1]);
  }
  return runs;
}

export class RamFile extends RegularFile {
  readonly cache: PageCache;
  override seals: number = F_SEAL_SEAL;
  constructor(fs: FileSystem, init: NewInode, cache?: PageCache) {
    super(fs, init);
    this.cache = cache ?? new PageCache(fs.host.frames, '');
    this.cache.retain();
  }
  protected override evict(): void {
    this.cache.release();
  }

  override allocate(start: number, end: number, keepsSize: boolean): Errno | undefined {
    const { cache } = this;
    const size = cache.sizeBytes;
    if (end > size && !keepsSize && (this.seals ?? 0) & F_SEAL_GROW) return EPERM;
    const made: number[] = [];
    if (end > size) cache.setSize(end);
    let failed: Errno | undefined;
    for (let index = Math.floor(start / PAGE_SIZE); index * PAGE_SIZE < end && failed === undefined; index++) {
      if (cache.findPage(index) !== undefined) continue;
      if (typeof cache.page(index) === 'string') failed = ENOSPC;
      else made.push(index);
    }
    // As Linux: what has been made for nothing goes again.
    if (failed !== undefined) for (const [first, end] of runsOf(made)) cache.punchHole(first, end);
    if (end > size && (keepsSize || failed !== undefined)) cache.setSize(size);
    if (failed === undefined) this.touchModified();
    return failed;
  }

  override punchHole(start: number, end: number): Errno | undefined {
    const { cache } = this;
    if ((this.seals ?? 0) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return EPERM;
    const first = Math.ceil(start / PAGE_SIZE);
    const last = Math.floor(end / PAGE_SIZE);
    if (first > last) cache.zero(start, end);
    else {
      cache.zero(start, first * PAGE_SIZE);
      cache.punchHole(first, last);
      cache.zero(last * PAGE_SIZE, end);
    }
    this.touchModified();
    return undefined;
  }
}

export class RamSymlink extends Symlink {
  private readonly _target: string;
  constructor(fs: FileSystem, target: string, init: NewInode) {
    super(fs, { ...init, mode: S_IFLNK | 0o777 });
    this._target = target;
  }
  override get sizeBytes(): number {
    return bytesOfName(this._target).length;
  }
  readlink(): string {
    return this._target;
  }
}

export class RamDirectory extends MemoryDirectory {
  private readonly _entries = new Map<string, { inode: Inode; position: number }>();
  private _nextPosition = FIRST_POSITION;
  declare readonly fs: RamFs;

  constructor(fs: RamFs, init: NewInode) {
    super(fs, { ...init, mode: S_IFDIR | init.mode });
    this.links = 2;
  }

  override get sizeBytes(): number {
    return (this._entries.size + 2) * ENTRY_BYTES;
  }

  lookup(name: string): Inode | undefined {
    return this._entries.get(name)?.inode;
  }

  *entries(after: number): Iterable<DirectoryEntry> {
    for (const [name, { inode, position }] of this._entries)
      if (position > after) yield { name, inode: inode.number, kind: inode.kind, position };
  }

  override create(name: string, init: NewInode): Inode | Errno {
    return this.add(name, this._make(init));
  }

  override makeDirectory(name: string, init: NewInode): Directory | Errno {
    this.links++;
    return this.add(name, new RamDirectory(this.fs, init));
  }

  override makeSymlink(name: string, target: string, init: NewInode): Inode | Errno {
    return this.add(name, new RamSymlink(this.fs, target, init));
  }

  override createNameless(init: NewInode): Inode | Errno {
    const made = this._make(init);
    made.links = 0;
    made.isLinkable = true;
    return made;
  }

  /** Frames of all files below. */
  residentPages(): number {
    let pages = 0;
    for (const { inode } of this._entries.values()) {
      if (inode instanceof RamDirectory) pages += inode.residentPages();
      else if (inode instanceof RamFile) pages += inode.cache.residentPages;
    }
    return pages;
  }

  /** Every file loses its name. */
  dropAll(): void {
    for (const { inode } of this._entries.values()) {
      if (inode instanceof RamDirectory) inode.dropAll();
      inode.links = 0;
      inode.evictIfUnused();
    }
    this._entries.clear();
  }

  protected makeFileOf(bytes: Uint8Array, name: string, init: NewInode): RamFile {
    return this.fs.makeFileOf(bytes, name, init);
  }

  private _make(init: NewInode): Inode {
    return (init.mode & S_IFMT) === S_IFREG ? this.fs.makeFile(init) : new SpecialFile(this.fs, init);
  }

  protected setName(name: string, inode: Inode): void {
    this._entries.set(name, { inode, position: this._nextPosition++ });
  }
  protected deleteName(name: string): void {
    this._entries.delete(name);
  }
  protected replaceName(name: string, inode: Inode): void {
    this._entries.get(name)!.inode = inode;
  }
  protected checkEmpty(): Errno | undefined {
    return this._entries.size > 0 ? ENOTEMPTY : undefined;
  }
}
