/**
 * What /proc is made of: directories whose names are a table's, links, and files whose text is made when somebody reads
 * from the start, and kept for him while he reads on (fs/seq_file.c). proc(5).
 */
import { EFAULT, EINVAL, EIO, ENOENT, Errno } from '../../../../abi/errno.ts';
import { SEEK_CUR, SEEK_SET } from '../../../../abi/fcntl.ts';
import { S_IFDIR, S_IFLNK, S_IFREG, type Stat } from '../../../../abi/stat.ts';
import { bytesOfName } from '../../../../base/names.ts';
import type { Blocked } from '../../../syscalls/define.ts';
import type { Task } from '../../../task/task.ts';
import type { Dentry } from '../../dentry.ts';
import type { FileSystem } from '../../file-system.ts';
import { Directory, type DirectoryEntry, Inode, type OpenRequest, Symlink } from '../../inode.ts';
import { type IoResult, OpenFile } from '../../open-file.ts';
import type { UserStream } from '../../user-stream.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}
export const ROOT: Owner = { uid: 0, gid: 0 };
/** Above those of `.` and `..`. */
export const FIRST_POSITION = 3;
/** A write of more than this is EINVAL or cut, whatever the file. */
const MOST_WRITTEN = 4096;

/** A directory whose names are those of a table, which is made when somebody looks into it. */
export class ProcDirectory extends Directory {
  private _files: ReadonlyMap<string, Inode> | undefined;
  private readonly _make: () => Readonly<Record<string, Inode>>;

  constructor(fs: FileSystem, make: () => Readonly<Record<string, Inode>>, owner: Owner = ROOT, permissions = 0o555) {
    super(fs, { mode: S_IFDIR | permissions, ...owner });
    this._make = make;
    this.links = 2;
  }

  private get _table(): ReadonlyMap<string, Inode> {
    return (this._files ??= new Map(Object.entries(this._make())));
  }

  override stat(): Stat {
    this.links = 2 + [...this._table.values()].filter(({ isDirectory }) => isDirectory).length;
    return super.stat();
  }

  /** ENOENT also where somebody wants to make it: nothing is made here. */
  lookup(name: string, _task: Task | undefined): Inode | Errno {
    return this._table.get(name) ?? ENOENT;
  }

  *entries(after: number, _task: Task): Iterable<DirectoryEntry> {
    let position = FIRST_POSITION;
    for (const [name, { number, kind }] of this._table) {
      if (position > after) yield { name, inode: number, kind, position };
      position++;
    }
  }
}

/** What a number of a directory stands for now: the same inode for as long as it is the same subject. */
export interface Numbered {
  readonly subject: object;
  make(): Inode;
}

/** A directory whose names come and go; each has a number, which is where it is in the directory. */
export class NumberedDirectory extends Directory {
  private readonly _numbers: () => readonly number[];
  private readonly _find: (number: number) => Numbered | undefined;
  private readonly _known = new Map<number, { readonly subject: object; readonly inode: Inode }>();

  constructor(
    fs: FileSystem,
    owner: Owner,
    permissions: number,
    numbers: () => readonly number[],
    find: (number: number) => Numbered | undefined,
  ) {
    super(fs, { mode: S_IFDIR | permissions, ...owner });
    this._numbers = numbers;
    this._find = find;
    this.links = 2;
  }

  override get sizeBytes(): number {
    return 0;
  }

  /** ENOENT also where somebody wants to make it: nothing is made here. */
  lookup(name: string, _task: Task | undefined): Inode | Errno {
    return (/^(?:0|[1-9]\d{0,9})$/.test(name) ? this._at(Number(name)) : undefined) ?? ENOENT;
  }

  private _at(number: number): Inode | undefined {
    const found = this._find(number);
    const known = this._known.get(number);
    if (found !== undefined && found.subject === known?.subject) return known.inode;
    this._known.delete(number);
    if (found === undefined) return undefined;
    const inode = found.make();
    this._known.set(number, { subject: found.subject, inode });
    return inode;
  }

  *entries(after: number, _task: Task): Iterable<DirectoryEntry> {
    for (const number of this._numbers()) {
      const position = FIRST_POSITION + number;
      const inode = position > after ? this._at(number) : undefined;
      if (inode !== undefined) yield { name: String(number), inode: inode.number, kind: inode.kind, position };
    }
  }
}

/** Leads to a path, or to a place whatever its path is. */
export class Link extends Symlink {
  private readonly _target: (task: Task) => string | Dentry | Errno;
  private readonly _size: number;

  constructor(
    fs: FileSystem,
    target: (task: Task) => string | Dentry | Errno,
    { owner = ROOT, permissions = 0o777, size = 0 }: { owner?: Owner; permissions?: number; size?: number } = {},
  ) {
    super(fs, { mode: S_IFLNK | permissions, ...owner });
    this._target = target;
    this._size = size;
  }

  override get sizeBytes(): number {
    return this._size;
  }

  override follow(task: Task): string | Dentry | Errno {
    return this._target(task);
  }

  readlink(task: Task | undefined): string | Errno {
    if (task === undefined) return ENOENT;
    const target = this.follow(task);
    return typeof target === 'string' || target instanceof Errno ? target : target.path(task.fs.root);
  }
}

/** What a file says, to whom. */
export type Content = (reader: Task) => string | Uint8Array | Errno;
/** What is written to it, at once; how much of it was taken, or what is wrong with it. */
export type Store = (text: string, writer: Task) => Errno | undefined;

export class ProcFile extends Inode {
  readonly content: Content;
  readonly store: Store | undefined;

  constructor(fs: FileSystem, permissions: number, content: Content, store?: Store, owner: Owner = ROOT) {
    super(fs, { mode: S_IFREG | permissions, ...owner });
    this.content = content;
    this.store = store;
  }

  override open(request: OpenRequest): OpenFile {
    return new OpenProcFile(request, this);
  }
}

class OpenProcFile extends OpenFile {
  private readonly _inode: ProcFile;
  private _position = 0;
  private _text: Uint8Array = new Uint8Array(0);
  /** Where the text at hand has been read to; undefined before it is made. */
  private _readTo: number | undefined;

  constructor({ flags, dentry }: OpenRequest, inode: ProcFile) {
    super(flags, dentry);
    this._inode = inode;
  }

  override get hasPositions(): boolean {
    return true;
  }
  override get offset(): number {
    return this._position;
  }

  read(task: Task, to: UserStream): IoResult {
    const result = this.readAt(task, to, this._position);
    if (typeof result === 'number') this._position += result;
    return result;
  }

  override readAt(task: Task, to: UserStream, position: number): IoResult {
    if (to.left === 0) return 0;
    if (position === 0 || position !== this._readTo) {
      const made = this._inode.content(task);
      if (made instanceof Errno) return made;
      this._text = typeof made === 'string' ? bytesOfName(made) : made;
    }
    const bytes = this._text.subarray(position, position + to.left);
    const done = to.put(bytes);
    this._readTo = position + done;
    return done === 0 && bytes.length > 0 ? EFAULT : done;
  }

  write(task: Task, from: UserStream): IoResult {
    const { store } = this._inode;
    if (store === undefined) return EIO;
    const wanted = Math.min(from.left, MOST_WRITTEN);
    const bytes = from.take(wanted);
    if (bytes.length < wanted) return EFAULT;
    const failed = store(new TextDecoder().decode(bytes), task);
    if (failed !== undefined) return failed;
    this._position += bytes.length;
    return bytes.length;
  }
  override writeAt(task: Task, from: UserStream): IoResult {
    return this.write(task, from);
  }

  override seek(_task: Task, offset: bigint, whence: number): number | Errno {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? BigInt(this._position) + offset : -1n;
    if (to < 0n || to > BigInt(Number.MAX_SAFE_INTEGER)) return EINVAL;
    this._position = Number(to);
    return this._position;
  }

  stat(): Stat {
    return this._inode.stat();
  }
  protected release(): void {}
}

/** What is open and in no directory, as a link of /proc/PID/fd leads to it: a pipe, a socket. */
export class OpenedInode extends Inode {
  private readonly _file: OpenFile;

  constructor(fs: FileSystem, file: OpenFile) {
    const { mode, uid, gid, inode } = file.stat();
    super(fs, { mode, uid, gid }, inode);
    this._file = file;
  }
  override stat(): Stat {
    return this._file.stat();
  }
  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    return this._file.reopen(request);
  }
}
