/**
 * Files, whatever they are called: an inode has its kind, owner, permissions and times; a directory gives names to
 * others. struct inode, inode(7). Names are in `dentry.ts`; what open(2) makes of an inode is an `OpenFile`.
 */
import {
  EINVAL, ENOSPC, ENOTSUP, ENXIO, EPERM, EROFS, type Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { F_SEAL_EXEC, F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE } from '../../abi/fcntl.ts';
import { IN_DELETE_SELF } from '../../abi/inotify.ts';
import { S_IALLUGO, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, type Stat } from '../../abi/stat.ts';
import type { Timestamp } from '../../abi/time.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
import type { PageCache } from '../mm/page-cache.ts';
import type { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from './dentry.ts';
import { type FileWatch, inodeEvent } from './file-events.ts';
import type { FileLocks } from './file-locks.ts';
import type { FileSystem } from './file-system.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { OpenDirectory } from './open-directory.ts';
import type { OpenFile } from './open-file.ts';
import { OpenRegular } from './open-regular.ts';

/** What open(2) hands to an inode, after all checks that need no knowledge of its kind. */
export interface OpenRequest {
  readonly task: Task;
  readonly dentry: Dentry;
  /** Access mode and status flags, without those that only matter while opening. */
  readonly flags: number;
  /** O_NOCTTY: a terminal that is opened does not become that of the session. */
  readonly keepsTerminal?: boolean | undefined;
  /** The inode's own, kept from one run of a call that sleeps to the next. */
  memo: unknown;
}

/** Whoever makes a file. */
export interface NewInode {
  /** Kind and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a device node. */
  readonly rdev?: number;
}

/** What chmod(2), chown(2) and utimensat(2) change. */
export interface AttributeChange {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly accessed?: Timestamp;
  readonly modified?: Timestamp;
}

const DAY_SECONDS = 24 * 60 * 60;
const isAfter = (x: Timestamp, y: Timestamp): boolean =>
  x.seconds !== y.seconds ? x.seconds > y.seconds : x.nanoseconds > y.nanoseconds;

export abstract class Inode {
  readonly fs: FileSystem;
  readonly number: number;
  /** Kind and permissions: S_IFMT and the twelve bits below. */
  mode: number;
  uid: number;
  gid: number;
  rdev: number;
  links = 1;
  accessed: Timestamp;
  modified: Timestamp;
  changed: Timestamp;
  readonly born: Timestamp;
  /** Has no name, but may be given one: O_TMPFILE without O_EXCL. */
  isLinkable = false;
  /** flock(2) and fcntl(2); undefined while nobody has locked it. */
  locks: FileLocks | undefined;
  /** xattr(7), by name; undefined while there are none. */
  attributes: Map<string, Uint8Array> | undefined;
  /** inotify(7). */
  watches: Set<FileWatch> | undefined;
  /** Open files, and others that need it although it may have no name left. */
  private _holders = 0;
  private _isEvicted = false;

  constructor(fs: FileSystem, { mode, uid, gid, rdev = 0 }: NewInode, number: number = fs.nextInode()) {
    this.fs = fs;
    this.number = number;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.rdev = rdev;
    this.accessed = this.modified = this.changed = this.born = fs.host.realTime();
  }

  /** S_IFREG, S_IFDIR, ... */
  get kind(): number {
    return this.mode & S_IFMT;
  }
  get isDirectory(): boolean {
    return this.kind === S_IFDIR;
  }

  /** st_size. */
  get sizeBytes(): number {
    return 0;
  }
  /** st_blocks. */
  get blocks(): number {
    return 0;
  }

  stat(): Stat {
    return {
      device: this.fs.device,
      inode: this.number,
      mode: this.mode,
      links: this.links,
      uid: this.uid,
      gid: this.gid,
      rdev: this.rdev,
      size: this.sizeBytes,
      blockSize: PAGE_SIZE,
      blocks: this.blocks,
      accessed: this.accessed,
      modified: this.modified,
      changed: this.changed,
      born: this.born,
    };
  }

  /** The open file; with Blocked, the same again after a wake-up. ENXIO: nothing to open. */
  open(_request: OpenRequest): OpenFile | Errno | Blocked {
    return ENXIO;
  }

  /** EROFS and permissions have been checked. */
  setAttributes({ mode, uid, gid, accessed, modified }: AttributeChange): Errno | undefined {
    if (mode !== undefined) this.mode = (this.mode & S_IFMT) | (mode & S_IALLUGO);
    if (uid !== undefined) this.uid = uid;
    if (gid !== undefined) this.gid = gid;
    if (accessed !== undefined) this.accessed = accessed;
    if (modified !== undefined) this.modified = modified;
    this.changed = this.now();
    return undefined;
  }

  /** Sets an extended attribute, or takes it away. ENOSPC. */
  setAttribute(name: string, value: Uint8Array | undefined): Errno | undefined {
    const before = this.attributes?.get(name);
    const size = (bytes: Uint8Array | undefined): number => (bytes === undefined ? 0 : name.length + bytes.length);
    if (!this.fs.takeAttributeBytes(size(value) - size(before))) return ENOSPC;
    if (value !== undefined) (this.attributes ??= new Map()).set(name, value);
    else this.attributes?.delete(name);
    this.changed = this.now();
    return undefined;
  }

  /** Its contents have been read just now. With relatime, that is noted once after each change, and once a day. */
  touchAccessed(): void {
    if (this.fs.isReadOnly) return;
    const { accessed, modified, changed } = this;
    const now = this.now();
    if (!isAfter(accessed, modified) || !isAfter(accessed, changed) || now.seconds - accessed.seconds >= DAY_SECONDS)
      this.accessed = now;
  }

  /** Its contents were changed just now. */
  touchModified(): void {
    this.modified = this.changed = this.now();
  }

  protected now(): Timestamp {
    return this.fs.host.realTime();
  }

  /** Keeps it although its last name goes. */
  hold(): void {
    this._holders++;
  }

  /** Ends a `hold`. Without names and holders it is gone, and gives back what it has. */
  unhold(): void {
    this._holders--;
    this.evictIfUnused();
  }

  evictIfUnused(): void {
    if (this.links > 0 || this._holders > 0 || this._isEvicted) return;
    this._isEvicted = true;
    inodeEvent(this, IN_DELETE_SELF);
    this.evict();
  }

  protected evict(): void {}
}

/** A name in a directory: getdents64(2). */
export interface DirectoryEntry {
  readonly name: string;
  readonly inode: number;
  /** S_IFREG, S_IFDIR, ... */
  readonly kind: number;
  /** Where the reading of the directory goes on after it: above that of every earlier entry, and above 2. */
  readonly position: number;
}

/**
 * A directory. The default is one that cannot be changed. Names that its methods get are no `.` or `..`, and exist or
 * not as the method's meaning demands: `vfs` calls have checked that, the permissions, and that it is not read-only.
 */
export abstract class Directory extends Inode {
  abstract lookup(name: string, task: Task | undefined): Inode | Errno | undefined;
  /** From a position on, 0 for the start; without `.` and `..`. */
  abstract entries(after: number, task: Task): Iterable<DirectoryEntry>;

  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    return new OpenDirectory(request, this);
  }

  /** A file of any kind but a directory or a link. */
  create(_name: string, _init: NewInode): Inode | Errno {
    return EPERM;
  }
  makeDirectory(_name: string, _init: NewInode): Directory | Errno {
    return EPERM;
  }
  makeSymlink(_name: string, _target: string, _init: NewInode): Inode | Errno {
    return EPERM;
  }
  /** Another name for a file that is no directory. */
  link(_name: string, _inode: Inode): Errno | undefined {
    return EPERM;
  }
  unlink(_name: string, _inode: Inode): Errno | undefined {
    return EPERM;
  }
  /** ENOTEMPTY. */
  removeDirectory(_name: string, _inode: Directory): Errno | undefined {
    return EPERM;
  }
  /** To another directory of the same file system; over what has that name there. */
  rename(_from: string, _inode: Inode, _to: Directory, _name: string, _over: Inode | undefined): Errno | undefined {
    return EPERM;
  }
  /** Both names stay, each with the other's file. */
  exchange(_name: string, _inode: Inode, _to: Directory, _other: string, _otherInode: Inode): Errno | undefined {
    return EINVAL;
  }
  /** A file without a name: O_TMPFILE. */
  createNameless(_init: NewInode): Inode | Errno {
    return EROFS;
  }
}

/** A file whose bytes are in a page cache. */
export abstract class RegularFile extends Inode {
  abstract readonly cache: PageCache;
  /** F_SEAL_ bits: memfd_create(2); undefined where files have none. */
  seals: number | undefined;
  /** Programs under way whose file this is: it cannot be opened for writing (ETXTBSY). */
  runs = 0;
  /** Open files that may write to it: it cannot be run. */
  writers = 0;

  override get sizeBytes(): number {
    return this.cache.sizeBytes;
  }
  override get blocks(): number {
    return this.cache.residentPages * (PAGE_SIZE / 512);
  }

  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    return new OpenRegular(request, this);
  }

  /** EPERM: F_SEAL_EXEC, which keeps it executable or not. */
  override setAttributes(change: AttributeChange): Errno | undefined {
    const isSealed = ((this.seals ?? 0) & F_SEAL_EXEC) !== 0;
    if (isSealed && change.mode !== undefined && (this.mode ^ change.mode) & 0o111) return EPERM;
    return super.setAttributes(change);
  }

  /** Beyond it there is nothing: s_maxbytes. */
  get maxBytes(): number {
    return MAX_FILE_BYTES;
  }

  /** Whether it may not be written up to `end`: EPERM, by its seals. */
  refusesWrite(end: number): Errno | undefined {
    const seals = this.seals ?? 0;
    const isSealed = seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) || (seals & F_SEAL_GROW && end > this.sizeBytes);
    return isSealed ? EPERM : undefined;
  }

  /** ftruncate(2). EPERM: seals. */
  truncate(sizeBytes: number): Errno | undefined {
    const seals = this.seals ?? 0;
    if (seals & F_SEAL_SHRINK && sizeBytes < this.sizeBytes) return EPERM;
    if (seals & F_SEAL_GROW && sizeBytes > this.sizeBytes) return EPERM;
    this.cache.truncate(sizeBytes);
    this.touchModified();
    return undefined;
  }

  /** fallocate(2): pages of their own for a range of bytes, whatever the size. ENOSPC. */
  allocate(_start: number, _end: number, _keepsSize: boolean): Errno | undefined {
    return ENOTSUP;
  }
  /** fallocate(2) with FALLOC_FL_PUNCH_HOLE: a range of bytes becomes zeros, and gives back its memory. */
  punchHole(_start: number, _end: number): Errno | undefined {
    return ENOTSUP;
  }
}

/** A symbolic link; the links of /proc lead to a place that has no path. */
export abstract class Symlink extends Inode {
  /** What readlink(2) gives. Without a task: as the machine itself sees it before there is one. */
  abstract readlink(task: Task | undefined): string | Errno;
  /** Where it leads: a path, or the place itself. */
  follow(task: Task): string | Dentry | Errno {
    return this.readlink(task);
  }
}

export const isRegular = (inode: Inode): inode is RegularFile => inode.kind === S_IFREG && inode instanceof RegularFile;
export const isSymlink = (inode: Inode): inode is Symlink => inode.kind === S_IFLNK && inode instanceof Symlink;
export const isDirectory = (inode: Inode): inode is Directory => inode instanceof Directory;
