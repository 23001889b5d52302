/**
 * `--root`: a directory of the host as `/`, of which nothing is ever changed there. Files come into being here as they
 * are looked up; from then on they live in this file system alone: what is written stays in the page cache, names that
 * are made, moved or removed are so here. So copy-up is by the page, and renames and hard links of files and whole
 * directories need no copying. It is a view of one moment: a name is looked up at the host once.
 */
import { ENOTEMPTY, Errno } from '../../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../abi/stat.ts';
import { bytesOfName, nameOfBytes } from '../../../base/names.ts';
import type { HostDirectory, HostFile, HostStat, HostUser } from '../../../host/files.ts';
import { PageCache, type PageSource, pagesOf } from '../../mm/page-cache.ts';
import type { Blocked } from '../../syscalls/define.ts';
import { FileSystem, type VfsHost } from '../file-system.ts';
import {
  type Directory,
  type DirectoryEntry,
  type Inode,
  type NewInode,
  type OpenRequest,
  RegularFile,
  Symlink,
} from '../inode.ts';
import { MemoryDirectory } from '../memory-directory.ts';
import type { OpenFile } from '../open-file.ts';
import { SpecialFile } from '../special-file.ts';
import { hostPages, Owners, orErrno, takeTimes } from './host-inodes.ts';

const OVERLAYFS_MAGIC = 0x794c_7630;
const FIRST_POSITION = 3;
const BLOCK_BYTES = 512;

export class Overlay extends FileSystem {
  readonly type = 'overlay';
  readonly magic = OVERLAYFS_MAGIC;
  readonly root: OverlayDirectory;
  readonly owners: Owners;
  /** Files of the host that have several names. */
  readonly linked = new Map<string, Inode>();
  /** Everything that was made of the host's files. */
  readonly files = new Set<OverlayFile>();

  constructor(host: VfsHost, device: number, lower: HostDirectory, stat: HostStat, user: HostUser) {
    super(host, device);
    this.owners = new Owners(user);
    this.root = new OverlayDirectory(this, this.owners.init(stat), lower);
    takeTimes(this.root, stat);
  }

  shutDown(): void {
    this.root.dropAll();
    for (const file of this.files) file.drop();
  }
}

/** What is in a file before anybody writes to it. */
interface FileContent {
  readonly name: string;
  readonly source: PageSource;
  readonly sizeBytes: number;
  readonly blocks: number;
  /** Of the host, if it is from there. */
  readonly file?: HostFile;
}

class OverlayFile extends RegularFile {
  readonly cache: PageCache;
  private readonly _file: HostFile | undefined;
  private _lowerBlocks: number;
  private _isDropped = false;

  constructor(fs: Overlay, init: NewInode, number: number, content?: FileContent) {
    super(fs, init, number);
    this._file = content?.file;
    this._lowerBlocks = content?.blocks ?? 0;
    this.cache = new PageCache(fs.host.frames, content?.name ?? '', content?.source, content?.sizeBytes ?? 0);
    this.cache.retain();
    fs.files.add(this);
  }

  override get blocks(): number {
    return Math.max(super.blocks, Math.min(this._lowerBlocks, Math.ceil(this.sizeBytes / BLOCK_BYTES)));
  }

  override truncate(sizeBytes: number): Errno | undefined {
    this._lowerBlocks = Math.min(this._lowerBlocks, Math.ceil(sizeBytes / BLOCK_BYTES));
    return super.truncate(sizeBytes);
  }

  drop(): void {
    if (this._isDropped) return;
    this._isDropped = true;
    (this.fs as Overlay).files.delete(this);
    this.cache.release();
    this._file?.close();
  }

  protected override evict(): void {
    this.drop();
  }
}

class OverlaySymlink extends Symlink {
  private _target: string | (() => string | Errno);
  private _size: number;

  constructor(fs: Overlay, init: NewInode, number: number, target: string | (() => string | Errno), size: number) {
    super(fs, { ...init, mode: S_IFLNK | 0o777 }, number);
    this._target = target;
    this._size = size;
  }

  override get sizeBytes(): number {
    return this._size;
  }

  readlink(): string | Errno {
    if (typeof this._target === 'string') return this._target;
    const target = this._target();
    if (!(target instanceof Errno)) this._target = target;
    return target;
  }
}

/** A name: what it stands for is known once somebody has looked. */
interface Slot {
  readonly position: number;
  /** Of the inode, if it turns out not to have another name. */
  readonly number: number;
  readonly kind: number;
  inode: Inode | undefined;
}

class OverlayDirectory extends MemoryDirectory {
  private readonly _slots = new Map<string, Slot>();
  private _nextPosition = FIRST_POSITION;
  /** The host's directory: undefined for none, or for one whose names are all known. */
  private _lower: HostDirectory | Errno | undefined;
  private readonly _openLower: (() => HostDirectory | Errno | undefined) | undefined;
  private _isOpened = false;
  private _isListed: boolean;
  /** Names that are not at the host, or not here any more. */
  private readonly _absent = new Set<string>();
  private readonly _lowerSize: number;

  constructor(
    fs: Overlay,
    init: NewInode,
    lower?: HostDirectory | (() => HostDirectory | Errno | undefined),
    number?: number,
    size = 4096,
  ) {
    super(fs, { ...init, mode: S_IFDIR | init.mode }, number);
    this.links = 2;
    this._lowerSize = size;
    this._isListed = lower === undefined;
    if (typeof lower === 'function') this._openLower = lower;
    else {
      this._lower = lower;
      this._isOpened = true;
    }
  }

  private get _fs(): Overlay {
    return this.fs as Overlay;
  }

  override get sizeBytes(): number {
    return this._lowerSize;
  }

  private _opened(): HostDirectory | Errno | undefined {
    if (!this._isOpened) {
      this._isOpened = true;
      this._lower = this._openLower!();
      if (this._lower === undefined) this._isListed = true;
    }
    return this._lower;
  }

  // ---- looking --------------------------------------------------------------------------------------------------

  lookup(name: string): Inode | Errno | undefined {
    const slot = this._slots.get(name);
    if (slot?.inode !== undefined) return slot.inode;
    if (slot === undefined && (this._isListed || this._absent.has(name))) return undefined;
    const lower = this._opened();
    if (lower === undefined || lower instanceof Errno) return lower;
    const bytes = bytesOfName(name);
    const stat = orErrno(lower.lookup(bytes));
    if (stat instanceof Errno) return stat;
    if (stat === undefined) {
      this._slots.delete(name);
      this._absent.add(name);
      return undefined;
    }
    const inode = this._inodeOf(lower, bytes, name, stat, slot?.number ?? this.fs.nextInode());
    if (slot === undefined) this._slots.set(name, this._slot(inode));
    else slot.inode = inode;
    return inode;
  }

  private _slot(inode: Inode): Slot {
    return { position: this._nextPosition++, number: inode.number, kind: inode.kind, inode };
  }

  private _inodeOf(lower: HostDirectory, bytes: Uint8Array, name: string, stat: HostStat, number: number): Inode {
    const fs = this._fs;
    const known = fs.linked.get(stat.identity);
    if (known !== undefined) return known;
    const inode = this._made(lower, bytes, name, stat, number);
    takeTimes(inode, stat);
    if (stat.links > 1 && !inode.isDirectory) fs.linked.set(stat.identity, inode);
    return inode;
  }

  private _made(lower: HostDirectory, bytes: Uint8Array, name: string, stat: HostStat, number: number): Inode {
    const fs = this._fs;
    const init = fs.owners.init(stat);
    switch (stat.mode & S_IFMT) {
      case S_IFREG: {
        const file = lower.file(bytes, stat.identity);
        const { size: sizeBytes, blocks } = stat;
        return new OverlayFile(fs, init, number, { name, source: hostPages(file, false), sizeBytes, blocks, file });
      }
      case S_IFDIR: {
        const open = () => {
          const opened = orErrno(lower.openDirectory(bytes));
          return opened === 'kernel' ? undefined : opened;
        };
        return new OverlayDirectory(fs, init, open, number, stat.size);
      }
      case S_IFLNK: {
        const read = () => {
          const target = orErrno(lower.readlink(bytes));
          return target instanceof Errno ? target : nameOfBytes(target);
        };
        return new OverlaySymlink(fs, init, number, read, stat.size);
      }
      default:
        return new SpecialFile(fs, init, number);
    }
  }

  /** Takes note of all names of the host's directory. */
  private _list(): Errno | undefined {
    if (this._isListed) return undefined;
    const lower = this._opened();
    if (lower === undefined || lower instanceof Errno) return lower;
    const entries = orErrno(lower.list());
    if (entries instanceof Errno) return entries;
    this._isListed = true;
    for (const { name: bytes, kind } of entries) {
      const name = nameOfBytes(bytes);
      if (this._slots.has(name) || this._absent.has(name)) continue;
      this._slots.set(name, { position: this._nextPosition++, number: this.fs.nextInode(), kind, inode: undefined });
    }
    return undefined;
  }

  /** What the host refuses to list cannot be opened for that. */
  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    return this._list() ?? super.open(request);
  }

  *entries(after: number): Iterable<DirectoryEntry> {
    if (this._list() !== undefined) return;
    for (const [name, { inode, number, kind, position }] of this._slots)
      if (position > after) yield { name, inode: inode?.number ?? number, kind, position };
  }

  // ---- changing -------------------------------------------------------------------------------------------------

  override create(name: string, init: NewInode): Inode | Errno {
    return this.add(name, this._new(init));
  }

  override makeDirectory(name: string, init: NewInode): Directory | Errno {
    this.links++;
    return this.add(name, new OverlayDirectory(this._fs, init));
  }

  override makeSymlink(name: string, target: string, init: NewInode): Inode | Errno {
    const size = bytesOfName(target).length;
    return this.add(name, new OverlaySymlink(this._fs, init, this.fs.nextInode(), target, size));
  }

  override createNameless(init: NewInode): Inode | Errno {
    const made = this._new(init);
    made.links = 0;
    return made;
  }

  /** Every file loses its name, and the host's directory is let go. */
  dropAll(): void {
    for (const { inode } of this._slots.values()) {
      if (inode instanceof OverlayDirectory) inode.dropAll();
      if (inode === undefined) continue;
      inode.links = 0;
      inode.evictIfUnused();
    }
    this._slots.clear();
    if (this._lower !== undefined && !(this._lower instanceof Errno)) this._lower.close();
    this._lower = undefined;
    this._isListed = true;
  }

  protected makeFileOf(bytes: Uint8Array, name: string, init: NewInode): RegularFile {
    const { length: sizeBytes } = bytes;
    const blocks = Math.ceil(sizeBytes / BLOCK_BYTES);
    const content = { name, source: pagesOf(bytes), sizeBytes, blocks };
    return new OverlayFile(this._fs, init, this.fs.nextInode(), content);
  }

  private _new(init: NewInode): Inode {
    const number = this.fs.nextInode();
    if ((init.mode & S_IFMT) === S_IFREG) return new OverlayFile(this._fs, init, number);
    return new SpecialFile(this.fs, init, number);
  }

  protected setName(name: string, inode: Inode): void {
    // A name that the host has, too, must not come back from there.
    this._absent.add(name);
    this._slots.delete(name);
    this._slots.set(name, this._slot(inode));
  }
  protected deleteName(name: string): void {
    this._absent.add(name);
    this._slots.delete(name);
  }
  protected replaceName(name: string, inode: Inode): void {
    const { position } = this._slots.get(name)!;
    this._slots.set(name, { position, number: inode.number, kind: inode.kind, inode });
  }
  protected checkEmpty(): Errno | undefined {
    return this._list() ?? (this._slots.size > 0 ? ENOTEMPTY : undefined);
  }
}
