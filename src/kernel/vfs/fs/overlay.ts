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
import { PageCache } from '../../mm/page-cache.ts';
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

class OverlayFile extends RegularFile {
  readonly cache: PageCache;
  readonly #file: HostFile | undefined;
  #lowerBlocks: number;
  #isDropped = false;

  constructor(
    fs: Overlay,
    init: NewInode,
    number: number,
    lower?: { readonly file: HostFile; readonly stat: HostStat; readonly name: string },
  ) {
    super(fs, init, number);
    this.#file = lower?.file;
    this.#lowerBlocks = lower?.stat.blocks ?? 0;
    const source = lower && hostPages(lower.file, false);
    this.cache = new PageCache(fs.host.frames, lower?.name ?? '', source, lower?.stat.size ?? 0);
    this.cache.retain();
    fs.files.add(this);
  }

  override get blocks(): number {
    return Math.max(super.blocks, Math.min(this.#lowerBlocks, Math.ceil(this.sizeBytes / BLOCK_BYTES)));
  }

  override truncate(sizeBytes: number): Errno | undefined {
    this.#lowerBlocks = Math.min(this.#lowerBlocks, Math.ceil(sizeBytes / BLOCK_BYTES));
    return super.truncate(sizeBytes);
  }

  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    (this.fs as Overlay).files.delete(this);
    this.cache.release();
    this.#file?.close();
  }

  protected override evict(): void {
    this.drop();
  }
}

class OverlaySymlink extends Symlink {
  #target: string | (() => string | Errno);
  #size: number;

  constructor(fs: Overlay, init: NewInode, number: number, target: string | (() => string | Errno), size: number) {
    super(fs, { ...init, mode: S_IFLNK | 0o777 }, number);
    this.#target = target;
    this.#size = size;
  }

  override get sizeBytes(): number {
    return this.#size;
  }

  readlink(): string | Errno {
    if (typeof this.#target === 'string') return this.#target;
    const target = this.#target();
    if (!(target instanceof Errno)) this.#target = target;
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
  readonly #slots = new Map<string, Slot>();
  #nextPosition = FIRST_POSITION;
  /** The host's directory: undefined for none, or for one whose names are all known. */
  #lower: HostDirectory | Errno | undefined;
  readonly #openLower: (() => HostDirectory | Errno | undefined) | undefined;
  #isOpened = false;
  #isListed: boolean;
  /** Names that are not at the host, or not here any more. */
  readonly #absent = new Set<string>();
  readonly #lowerSize: number;

  constructor(
    fs: Overlay,
    init: NewInode,
    lower?: HostDirectory | (() => HostDirectory | Errno | undefined),
    number?: number,
    size = 4096,
  ) {
    super(fs, { ...init, mode: S_IFDIR | init.mode }, number);
    this.links = 2;
    this.#lowerSize = size;
    this.#isListed = lower === undefined;
    if (typeof lower === 'function') this.#openLower = lower;
    else {
      this.#lower = lower;
      this.#isOpened = true;
    }
  }

  get #fs(): Overlay {
    return this.fs as Overlay;
  }

  override get sizeBytes(): number {
    return this.#lowerSize;
  }

  #opened(): HostDirectory | Errno | undefined {
    if (!this.#isOpened) {
      this.#isOpened = true;
      this.#lower = this.#openLower!();
      if (this.#lower === undefined) this.#isListed = true;
    }
    return this.#lower;
  }

  // ---- looking --------------------------------------------------------------------------------------------------

  lookup(name: string): Inode | Errno | undefined {
    const slot = this.#slots.get(name);
    if (slot?.inode !== undefined) return slot.inode;
    if (slot === undefined && (this.#isListed || this.#absent.has(name))) return undefined;
    const lower = this.#opened();
    if (lower === undefined || lower instanceof Errno) return lower;
    const bytes = bytesOfName(name);
    const stat = orErrno(lower.lookup(bytes));
    if (stat instanceof Errno) return stat;
    if (stat === undefined) {
      this.#slots.delete(name);
      this.#absent.add(name);
      return undefined;
    }
    const inode = this.#inodeOf(lower, bytes, name, stat, slot?.number ?? this.fs.nextInode());
    if (slot === undefined) this.#slots.set(name, this.#slot(inode));
    else slot.inode = inode;
    return inode;
  }

  #slot(inode: Inode): Slot {
    return { position: this.#nextPosition++, number: inode.number, kind: inode.kind, inode };
  }

  #inodeOf(lower: HostDirectory, bytes: Uint8Array, name: string, stat: HostStat, number: number): Inode {
    const fs = this.#fs;
    const known = fs.linked.get(stat.identity);
    if (known !== undefined) return known;
    const inode = this.#made(lower, bytes, name, stat, number);
    takeTimes(inode, stat);
    if (stat.links > 1 && !inode.isDirectory) fs.linked.set(stat.identity, inode);
    return inode;
  }

  #made(lower: HostDirectory, bytes: Uint8Array, name: string, stat: HostStat, number: number): Inode {
    const fs = this.#fs;
    const init = fs.owners.init(stat);
    switch (stat.mode & S_IFMT) {
      case S_IFREG:
        return new OverlayFile(fs, init, number, { file: lower.file(bytes, stat.identity), stat, name });
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
  #list(): Errno | undefined {
    if (this.#isListed) return undefined;
    const lower = this.#opened();
    if (lower === undefined || lower instanceof Errno) return lower;
    const entries = orErrno(lower.list());
    if (entries instanceof Errno) return entries;
    this.#isListed = true;
    for (const { name: bytes, kind } of entries) {
      const name = nameOfBytes(bytes);
      if (this.#slots.has(name) || this.#absent.has(name)) continue;
      this.#slots.set(name, { position: this.#nextPosition++, number: this.fs.nextInode(), kind, inode: undefined });
    }
    return undefined;
  }

  /** What the host refuses to list cannot be opened for that. */
  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    return this.#list() ?? super.open(request);
  }

  *entries(after: number): Iterable<DirectoryEntry> {
    if (this.#list() !== undefined) return;
    for (const [name, { inode, number, kind, position }] of this.#slots)
      if (position > after) yield { name, inode: inode?.number ?? number, kind, position };
  }

  // ---- changing -------------------------------------------------------------------------------------------------

  override create(name: string, init: NewInode): Inode | Errno {
    return this.add(name, this.#new(init));
  }

  override makeDirectory(name: string, init: NewInode): Directory | Errno {
    this.links++;
    return this.add(name, new OverlayDirectory(this.#fs, init));
  }

  override makeSymlink(name: string, target: string, init: NewInode): Inode | Errno {
    const size = bytesOfName(target).length;
    return this.add(name, new OverlaySymlink(this.#fs, init, this.fs.nextInode(), target, size));
  }

  override createNameless(init: NewInode): Inode | Errno {
    const made = this.#new(init);
    made.links = 0;
    return made;
  }

  /** Every file loses its name, and the host's directory is let go. */
  dropAll(): void {
    for (const { inode } of this.#slots.values()) {
      if (inode instanceof OverlayDirectory) inode.dropAll();
      if (inode === undefined) continue;
      inode.links = 0;
      inode.evictIfUnused();
    }
    this.#slots.clear();
    if (this.#lower !== undefined && !(this.#lower instanceof Errno)) this.#lower.close();
    this.#lower = undefined;
    this.#isListed = true;
  }

  #new(init: NewInode): Inode {
    const number = this.fs.nextInode();
    if ((init.mode & S_IFMT) === S_IFREG) return new OverlayFile(this.#fs, init, number);
    return new SpecialFile(this.fs, init, number);
  }

  protected setName(name: string, inode: Inode): void {
    // A name that the host has, too, must not come back from there.
    this.#absent.add(name);
    this.#slots.delete(name);
    this.#slots.set(name, this.#slot(inode));
  }
  protected deleteName(name: string): void {
    this.#absent.add(name);
    this.#slots.delete(name);
  }
  protected replaceName(name: string, inode: Inode): void {
    const { position } = this.#slots.get(name)!;
    this.#slots.set(name, { position, number: inode.number, kind: inode.kind, inode });
  }
  protected checkEmpty(): Errno | undefined {
    return this.#list() ?? (this.#slots.size > 0 ? ENOTEMPTY : undefined);
  }
}
