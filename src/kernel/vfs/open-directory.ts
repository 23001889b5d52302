/** A directory that is open: getdents64(2), fs/readdir.c. Its offset is the position of the next entry. */
import { EFAULT, EINVAL, EISDIR, ENOENT, type Errno } from '../../abi/errno.ts';
import { O_NOATIME, SEEK_CUR, SEEK_SET } from '../../abi/fcntl.ts';
import { S_IFDIR, type Stat } from '../../abi/stat.ts';
import { bytesOfName } from '../../base/names.ts';
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Directory, DirectoryEntry, OpenRequest } from './inode.ts';
import { type DirentFormat, type IoResult, OpenFile } from './open-file.ts';

/** struct linux_dirent64: inode, offset, record length, kind; then the name. */
const NAME_OFFSET = 19;

/** Positions of the entries that every directory has. */
const DOT = 1;
const DOT_DOT = 2;

export class OpenDirectory extends OpenFile {
  readonly inode: Directory;
  private _position = 0;

  constructor({ flags, dentry }: OpenRequest, inode: Directory) {
    super(flags, dentry);
    this.inode = inode;
  }

  read(): IoResult {
    return EISDIR;
  }
  override get offset(): number {
    return this._position;
  }
  override get hasPositions(): boolean {
    return true;
  }
  override readAt(): IoResult {
    return EISDIR;
  }
  write(): IoResult {
    return EISDIR;
  }

  private *_entries(task: Task): Iterable<DirectoryEntry> {
    const { inode, dentry } = this;
    if (this._position < DOT) yield { name: '.', inode: inode.number, kind: S_IFDIR, position: DOT };
    if (this._position < DOT_DOT)
      yield { name: '..', inode: dentry!.up().inode.number, kind: S_IFDIR, position: DOT_DOT };
    yield* inode.entries(Math.max(this._position, DOT_DOT), task);
  }

  /** EINVAL: no room for the next one. ENOENT: the directory has been removed. */
  override readEntries(task: Task, buffer: bigint, sizeBytes: number, format: DirentFormat): number | Errno {
    if (this.inode.links === 0) return ENOENT;
    let done = 0;
    if (!(this.flags & O_NOATIME)) this.inode.touchAccessed();
    for (const entry of this._entries(task)) {
      const record = direntBytes(entry, format);
      if (done + record.length > sizeBytes) return done > 0 ? done : EINVAL;
      if (copyOut(task.mm, buffer + BigInt(done), record) !== undefined) return done > 0 ? done : EFAULT;
      done += record.length;
      this._position = entry.position;
    }
    return done;
  }

  override seek(_task: Task, offset: bigint, whence: number): number | Errno {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? offset + BigInt(this._position) : -1n;
    if (to < 0n || to > BigInt(Number.MAX_SAFE_INTEGER)) return EINVAL;
    this._position = Number(to);
    return this._position;
  }

  stat(): Stat {
    return this.inode.stat();
  }

  protected release(): void {}
}

/** The older structure has no place for the kind: it is in the last byte. */
function direntBytes({ name, inode, kind, position }: DirectoryEntry, format: DirentFormat): Uint8Array {
  const text = bytesOfName(name);
  const nameOffset = format === 'dirent64' ? NAME_OFFSET : NAME_OFFSET - 1;
  const length = nameOffset + text.length + (format === 'dirent64' ? 1 : 2);
  const bytes = new Uint8Array((length + 7) & ~7);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(inode), true);
  view.setBigUint64(8, BigInt(position), true);
  view.setUint16(16, bytes.length, true);
  view.setUint8(format === 'dirent64' ? 18 : bytes.length - 1, kind >>> 12);
  bytes.set(text, nameOffset);
  return bytes;
}
