/**
 * `--mount`: a directory of the host in the guest's tree, read-only or written through. Names are made and removed at
 * once; what is written reaches the host's file on msync(2), fsync(2), when the last descriptor for writing is closed, and
 * at the end. Each use of a name asks the host again; a file that was changed there is read again if nothing that was
 * written here waits. Links are the guest's to follow. FIFOs, sockets and devices of the host are never opened.
 */
import { EACCES, ENOENT, ENOTEMPTY, EOPNOTSUPP, EPERM, Errno } from '../../../abi/errno.ts';
import { O_ACCMODE } from '../../../abi/fcntl.ts';
import { S_IALLUGO, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../abi/stat.ts';
import { PAGE_SIZE } from '../../../base/ints.ts';
import { bytesOfName, nameOfBytes } from '../../../base/names.ts';
import type { HostChange, HostDirectory, HostFile, HostStat, HostUser } from '../../../host/files.ts';
import { PageCache, type PageSource } from '../../mm/page-cache.ts';
import type { Blocked } from '../../syscalls/define.ts';
import { FileSystem, type VfsHost } from '../file-system.ts';
import {
  type AttributeChange,
  Directory,
  type DirectoryEntry,
  Inode,
  type NewInode,
  type OpenRequest,
  RegularFile,
  Symlink,
} from '../inode.ts';
import type { OpenFile } from '../open-file.ts';
import { OpenRegular } from '../open-regular.ts';
import { errnoOf, Owners, orErrno, takeTimes } from './host-inodes.ts';

/** That of 9p, by which virtual machines share directories of their host. */
const V9FS_MAGIC = 0x0102_1997;
const FIRST_POSITION = 3;

/** Told of what could not be written back when nobody asked. */
export type LossReport = (name: string, error: Errno) => void;

export class HostFs extends FileSystem {
  readonly type = '9p';
  readonly magic = V9FS_MAGIC;
  override readonly isVolatile = true;
  readonly root: HostDirectoryInode;
  readonly owners: Owners;
  readonly reportLoss: LossReport;
  /** By the host's identity. */
  readonly inodes = new Map<string, HostInode>();

  constructor(
    host: VfsHost,
    device: number,
    directory: HostDirectory,
    stat: HostStat,
    user: HostUser,
    reportLoss: LossReport,
  ) {
    super(host, device);
    this.owners = new Owners(user);
    this.reportLoss = reportLoss;
    this.root = new HostDirectoryInode(this, stat, this.nextInode(), () => directory);
    this.root.update(stat);
  }

  /** Everything that was written is brought to the host. */
  override sync(): undefined {
    for (const inode of this.inodes.values()) if (inode instanceof HostRegular) inode.writeBack();
  }

  shutDown(): void {
    this.sync();
    for (const inode of this.inodes.values()) inode.drop();
    this.root.drop();
    this.inodes.clear();
  }
}

/** A name of a file at the host. */
interface HostPlace {
  readonly directory: HostDirectory;
  readonly name: Uint8Array;
}

/** What all kinds know of their host's file. */
interface HostInode extends Inode {
  /** A name that it has there; undefined when the one that was known is gone. */
  place: HostPlace | undefined;
  /** The host has been asked again. */
  update(stat: HostStat): void;
  /** It has another name now. */
  relocate(place: HostPlace): void;
  drop(): void;
}

class HostRegular extends RegularFile implements HostInode {
  place: HostPlace | undefined;
  readonly cache: PageCache;
  readonly identity: string;
  private _file: HostFile;
  private _blocks: number;
  /** Size and time of change when the host was last asked. */
  private _seen: string;
  private _writers = 0;
  private _isDropped = false;

  constructor(fs: HostFs, stat: HostStat, number: number, place: HostPlace, name: string) {
    super(fs, fs.owners.init(stat), number);
    this.identity = stat.identity;
    this.place = place;
    this._file = place.directory.file(place.name, stat.identity);
    this._blocks = stat.blocks;
    this._seen = versionOf(stat);
    const source: PageSource = {
      readPage: (index, page) => void this._file.read(index * PAGE_SIZE, page),
      writePage: (index, bytes) => {
        const failed = this._file.write(index * PAGE_SIZE, bytes);
        return failed && errnoOf(failed);
      },
    };
    this.cache = new PageCache(fs.host.frames, name, source, stat.size);
    this.cache.retain();
    takeTimes(this, stat);
  }

  override get blocks(): number {
    return Math.max(this._blocks, Math.ceil(this.cache.dirtyPages().length * (PAGE_SIZE / 512)));
  }

  update(stat: HostStat): void {
    const init = (this.fs as HostFs).owners.init(stat);
    this.mode = init.mode;
    this.uid = init.uid;
    this.gid = init.gid;
    this._blocks = stat.blocks;
    this.links = stat.links;
    const version = versionOf(stat);
    if (version === this._seen) {
      if (this._writers === 0) takeTimes(this, stat);
    } else if (this.cache.dirtyPages().length === 0) {
      takeTimes(this, stat);
      this._file.close();
      this.cache.refresh(stat.size);
      this._seen = version;
    }
  }

  relocate(place: HostPlace): void {
    this.place = place;
    this._file.close();
    this._file = place.directory.file(place.name, this.identity);
  }

  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    const writes = (request.flags & O_ACCMODE) !== 0;
    // The host may refuse what its permission bits do not say; better now than when it is written back.
    const stat = writes ? this._file.openForWriting() : this._file.stat();
    if (stat !== undefined && 'code' in stat) return errnoOf(stat);
    if (writes) this._writers++;
    return new OpenHostFile(request, this);
  }

  closed(wasWriter: boolean): void {
    if (wasWriter && --this._writers === 0) this.writeBack();
  }

  sync(): Errno | undefined {
    const failed = this._settle();
    if (failed !== undefined) return failed;
    const unsynced = this._writers > 0 ? this._file.sync() : undefined;
    return unsynced && errnoOf(unsynced);
  }

  writeBack(): void {
    const failed = this._settle();
    if (failed !== undefined) (this.fs as HostFs).reportLoss(this.cache.name, failed);
  }

  private _settle(): Errno | undefined {
    if (this._isDropped || this.cache.dirtyPages().length === 0) return undefined;
    const failed = this.cache.sync();
    this._note();
    return failed;
  }

  private _note(): void {
    const stat = this._file.stat();
    if (!('code' in stat)) {
      this._seen = versionOf(stat);
      this._blocks = stat.blocks;
    }
  }

  override truncate(sizeBytes: number): Errno | undefined {
    const failed = this._file.truncate(sizeBytes);
    if (failed !== undefined) return errnoOf(failed);
    const refused = super.truncate(sizeBytes);
    this._note();
    return refused;
  }

  override setAttributes(change: AttributeChange): Errno | undefined {
    const refused = changeOwner(this, change);
    if (refused !== undefined) return refused;
    this.writeBack();
    const failed = this._file.change(hostChange(change));
    if (failed !== undefined) return errnoOf(failed);
    super.setAttributes(change);
    this._note();
    return undefined;
  }

  /** A name of it goes: it may be needed all the same. */
  beforeUnlink(): Errno | undefined {
    this.writeBack();
    const failed = this._file.pin();
    return failed?.code === 'EACCES' ? undefined : failed && errnoOf(failed);
  }

  drop(): void {
    if (this._isDropped) return;
    this._isDropped = true;
    (this.fs as HostFs).inodes.delete(this.identity);
    this.cache.release();
    this._file.close();
  }

  protected override evict(): void {
    this.drop();
  }
}

const versionOf = ({ size, modified }: HostStat): string => `${size} ${modified.seconds}.${modified.nanoseconds}`;

class OpenHostFile extends OpenRegular {
  override sync(): Errno | undefined {
    return (this.inode as HostRegular).sync();
  }
  protected override release(): void {
    (this.inode as HostRegular).closed(this.isWritable);
  }
}

class HostSymlink extends Symlink implements HostInode {
  place: HostPlace | undefined;
  private readonly _size: number;

  constructor(fs: HostFs, stat: HostStat, number: number, place: HostPlace) {
    super(fs, { ...fs.owners.init(stat), mode: S_IFLNK | 0o777 }, number);
    this.place = place;
    this._size = stat.size;
    takeTimes(this, stat);
  }
  override get sizeBytes(): number {
    return this._size;
  }
  readlink(): string | Errno {
    if (this.place === undefined) return ENOENT;
    const target = orErrno(this.place.directory.readlink(this.place.name));
    return target instanceof Errno ? target : nameOfBytes(target);
  }
  update(stat: HostStat): void {
    takeTimes(this, stat);
  }
  relocate(place: HostPlace): void {
    this.place = place;
  }
  override setAttributes(): Errno {
    return EPERM;
  }
  drop(): void {}
}

/** A FIFO, a socket or a device of the host: it can be seen, and no more. */
class HostSpecial extends Inode implements HostInode {
  place: HostPlace | undefined;
  constructor(fs: HostFs, stat: HostStat, number: number, place: HostPlace) {
    super(fs, fs.owners.init(stat), number);
    this.place = place;
    takeTimes(this, stat);
  }
  override open(): Errno {
    return EACCES;
  }
  update(stat: HostStat): void {
    takeTimes(this, stat);
  }
  relocate(place: HostPlace): void {
    this.place = place;
  }
  override setAttributes(): Errno {
    return EPERM;
  }
  drop(): void {}
}

class HostDirectoryInode extends Directory implements HostInode {
  place: HostPlace | undefined;
  private readonly _open: () => HostDirectory | Errno | 'kernel';
  private _directory: HostDirectory | Errno | 'kernel' | undefined;
  private _size: number;
  /** What a name has had so far, so that reading a directory can go on where it was. */
  private readonly _known = new Map<string, { readonly position: number; readonly number: number }>();

  constructor(fs: HostFs, stat: HostStat, number: number, open: () => HostDirectory | Errno | 'kernel') {
    super(fs, fs.owners.init(stat), number);
    this._open = open;
    this._size = stat.size;
    takeTimes(this, stat);
  }

  private get _fs(): HostFs {
    return this.fs as HostFs;
  }
  override get sizeBytes(): number {
    return this._size;
  }

  update(stat: HostStat): void {
    const init = this._fs.owners.init(stat);
    this.mode = init.mode;
    this.uid = init.uid;
    this.gid = init.gid;
    this._size = stat.size;
    takeTimes(this, stat);
  }

  relocate(place: HostPlace): void {
    const directory = this._opened();
    if (!(directory instanceof Errno)) directory.moved(place.directory, place.name);
  }

  drop(): void {
    const directory = this._opened();
    if (!(directory instanceof Errno)) directory.close();
  }

  /** EACCES: a directory that shows the host's kernel is shut. */
  private _opened(): HostDirectory | Errno {
    this._directory ??= this._open();
    return this._directory === 'kernel' ? EACCES : this._directory;
  }

  // ---- looking --------------------------------------------------------------------------------------------------

  lookup(name: string): Inode | Errno | undefined {
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    const bytes = bytesOfName(name);
    const stat = orErrno(directory.lookup(bytes));
    if (stat === undefined || stat instanceof Errno) return stat;
    return this._inodeOf(directory, name, bytes, stat);
  }

  private _inodeOf(directory: HostDirectory, name: string, bytes: Uint8Array, stat: HostStat): Inode {
    const fs = this._fs;
    const known = fs.inodes.get(stat.identity);
    if (known !== undefined && known.kind === (stat.mode & S_IFMT)) {
      known.update(stat);
      if (known.place === undefined) known.relocate({ directory, name: bytes });
      return known;
    }
    known?.drop();
    const made = this._made(directory, name, bytes, stat);
    fs.inodes.set(stat.identity, made);
    return made;
  }

  private _made(directory: HostDirectory, name: string, bytes: Uint8Array, stat: HostStat): HostInode {
    const fs = this._fs;
    const { number } = this._note(name);
    const place = { directory, name: bytes };
    switch (stat.mode & S_IFMT) {
      case S_IFREG:
        return new HostRegular(fs, stat, number, place, name);
      case S_IFDIR:
        return new HostDirectoryInode(fs, stat, number, () => orErrno(directory.openDirectory(bytes)));
      case S_IFLNK:
        return new HostSymlink(fs, stat, number, place);
      default:
        return new HostSpecial(fs, stat, number, place);
    }
  }

  private _note(name: string): { readonly position: number; readonly number: number } {
    let known = this._known.get(name);
    if (known === undefined) {
      known = { position: FIRST_POSITION + this._known.size, number: this.fs.nextInode() };
      this._known.set(name, known);
    }
    return known;
  }

  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    const entries = orErrno(directory.list());
    return entries instanceof Errno ? entries : super.open(request);
  }

  *entries(after: number): Iterable<DirectoryEntry> {
    const directory = this._opened();
    const listed = directory instanceof Errno ? directory : orErrno(directory.list());
    if (listed instanceof Errno) return;
    const entries = listed.map(({ name: bytes, kind }) => {
      const name = nameOfBytes(bytes);
      const { position, number } = this._note(name);
      return { name, inode: number, kind, position };
    });
    for (const entry of entries.sort((a, b) => a.position - b.position)) if (entry.position > after) yield entry;
  }

  // ---- changing -------------------------------------------------------------------------------------------------

  override create(name: string, init: NewInode): Inode | Errno {
    if ((init.mode & S_IFMT) !== S_IFREG) return EPERM;
    return this._make(name, (directory, bytes) => directory.createFile(bytes, init.mode & S_IALLUGO));
  }

  override makeDirectory(name: string, init: NewInode): Directory | Errno {
    const made = this._make(name, (directory, bytes) => directory.makeDirectory(bytes, init.mode & S_IALLUGO));
    return made as Directory | Errno;
  }

  override makeSymlink(name: string, target: string): Inode | Errno {
    return this._make(name, (directory, bytes) => directory.makeSymlink(bytes, bytesOfName(target)));
  }

  override createNameless(): Errno {
    return EOPNOTSUPP;
  }

  private _make(
    name: string,
    make: (directory: HostDirectory, bytes: Uint8Array) => ReturnType<HostDirectory['createFile']>,
  ): Inode | Errno {
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    const bytes = bytesOfName(name);
    const stat = orErrno(make(directory, bytes));
    if (stat instanceof Errno) return stat;
    this._refresh(directory);
    return this._inodeOf(directory, name, bytes, stat);
  }

  /** Its own times and links are others now. */
  private _refresh(directory: HostDirectory): void {
    const stat = orErrno(directory.stat());
    if (!(stat instanceof Errno)) this.update(stat);
  }

  /** ENOENT: no name of the file is known any more. */
  override link(name: string, inode: Inode): Errno | undefined {
    const from = (inode as HostInode).place;
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    if (from === undefined) return ENOENT;
    const failed = directory.link(bytesOfName(name), from.directory, from.name);
    if (failed !== undefined) return errnoOf(failed);
    inode.links++;
    this._refresh(directory);
    return undefined;
  }

  override unlink(name: string, inode: Inode): Errno | undefined {
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    const refused = inode instanceof HostRegular ? inode.beforeUnlink() : undefined;
    if (refused !== undefined) return refused;
    const failed = directory.unlink(bytesOfName(name));
    if (failed !== undefined) return errnoOf(failed);
    forgetPlace(inode, directory, name);
    this._gone(directory, inode, inode.links - 1);
    return undefined;
  }

  override removeDirectory(name: string, inode: Directory): Errno | undefined {
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    const failed = directory.removeDirectory(bytesOfName(name));
    if (failed !== undefined) return failed.code === 'EEXIST' ? ENOTEMPTY : errnoOf(failed);
    this._gone(directory, inode, 0);
    return undefined;
  }

  private _gone(directory: HostDirectory, inode: Inode, links: number): void {
    inode.links = links;
    if (links === 0)
      for (const [identity, known] of this._fs.inodes) if (known === inode) this._fs.inodes.delete(identity);
    inode.evictIfUnused();
    this._refresh(directory);
  }

  override rename(
    from: string,
    inode: Inode,
    to: HostDirectoryInode,
    name: string,
    over: Inode | undefined,
  ): Errno | undefined {
    const [directory, target] = [this._opened(), to._opened()];
    if (directory instanceof Errno) return directory;
    if (target instanceof Errno) return target;
    if (over instanceof HostRegular) {
      const refused = over.beforeUnlink();
      if (refused !== undefined) return refused;
    }
    if (inode instanceof HostRegular) inode.writeBack();
    if (inode instanceof HostDirectoryInode) inode._opened();
    const bytes = bytesOfName(name);
    const failed = directory.rename(bytesOfName(from), target, bytes);
    if (failed !== undefined) return failed.code === 'EEXIST' ? ENOTEMPTY : errnoOf(failed);
    (inode as HostInode).relocate({ directory: target, name: bytes });
    if (over !== undefined) forgetPlace(over, target, name);
    if (over !== undefined) to._gone(target, over, over.isDirectory ? 0 : over.links - 1);
    this._refresh(directory);
    to._refresh(target);
    return undefined;
  }

  override setAttributes(change: AttributeChange): Errno | undefined {
    const directory = this._opened();
    if (directory instanceof Errno) return directory;
    const refused = changeOwner(this, change);
    if (refused !== undefined) return refused;
    const failed = directory.change(hostChange(change));
    return failed === undefined ? super.setAttributes(change) : errnoOf(failed);
  }
}

/** The name by which the file was known is gone. */
function forgetPlace(inode: Inode, directory: HostDirectory, name: string): void {
  const file = inode as HostInode;
  if (file.place?.directory === directory && nameOfBytes(file.place.name) === name) file.place = undefined;
}

/** EPERM: owners stay what they are. */
const changeOwner = (inode: Inode, { uid = inode.uid, gid = inode.gid }: AttributeChange): Errno | undefined =>
  uid === inode.uid && gid === inode.gid ? undefined : EPERM;

const hostChange = ({ mode, accessed, modified }: AttributeChange): HostChange => ({
  mode: mode === undefined ? undefined : mode & S_IALLUGO,
  accessed,
  modified,
});
