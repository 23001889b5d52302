/**
 * System V shared memory segments: a file in memory without a name, and who has attached it. ipc/shm.c. Each shmat(2)
 * opens the file anew, and each area that maps such an open file is an attachment, so fork(2), exec and exit count too.
 */
import { Errno } from '../../abi/errno.ts';
import { O_RDONLY, O_RDWR } from '../../abi/fcntl.ts';
import { IPC_PRIVATE, SHM_DEST } from '../../abi/ipc.ts';
import { S_IFREG } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { Dentry } from '../vfs/dentry.ts';
import { RamFile } from '../vfs/fs/ramfs.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { IpcObject, IpcTable } from './ipc-table.ts';

/** kernel.shmmni. */
const SHMMNI = 4096;
export const SHMMAX: bigint = (1n << 64n) - 1n - (1n << 24n);
export const SHMMIN = 1n;

export class Segment extends IpcObject {
  readonly sizeBytes: bigint;
  readonly creatorPid: number;
  readonly inode: RamFile;
  /** Who attached or detached last; 0 for nobody. */
  lastPid = 0;
  /** Seconds; 0 for never. */
  attachedAt = 0;
  detachedAt = 0;
  changedAt: number;
  /** Areas that map it. */
  attachments = 0;
  private readonly _kernel: Kernel;

  constructor(task: Task, key: number, mode: number, sizeBytes: bigint) {
    super(key, mode, task.credentials);
    const { kernel } = task;
    this._kernel = kernel;
    this.sizeBytes = sizeBytes;
    this.creatorPid = task.pid;
    this.changedAt = kernel.realTime().seconds;
    const { fsuid: uid, fsgid: gid } = task.credentials;
    this.inode = new RamFile(kernel.sharedMemory, { mode: S_IFREG | (mode & 0o777), uid, gid });
    this.inode.links = 0;
    this.inode.hold();
    this.inode.cache.truncate(Number(sizeBytes));
  }

  get pages(): number {
    return Number((this.sizeBytes + 0xfffn) >> 12n);
  }

  attached(): void {
    this.attachments++;
    this.attachedAt = this._kernel.realTime().seconds;
    this.lastPid = this._kernel.actingPid;
  }

  detached(): void {
    this.attachments--;
    this.detachedAt = this._kernel.realTime().seconds;
    this.lastPid = this._kernel.actingPid;
    if (this.attachments === 0 && this.mode & SHM_DEST) this._destroy();
  }

  /** IPC_RMID: it goes now, or with its last attachment. */
  remove(): void {
    this.key = IPC_PRIVATE;
    this.mode |= SHM_DEST;
    if (this.attachments === 0) this._destroy();
  }

  private _destroy(): void {
    if (this.isRemoved) return;
    this._kernel.shm.table.remove(this);
    this.inode.unhold();
  }
}

/** What shmat(2) maps. */
export class Attachment extends OpenRegular {
  readonly segment: Segment;
  /** The first reference is the call's own. */
  private _attachments = 0;

  constructor(task: Task, segment: Segment, isReadOnly: boolean) {
    const key = (segment.key >>> 0).toString(16).padStart(8, '0');
    const dentry = Dentry.nameless(`/SYSV${key} (deleted)`, segment.inode);
    super({ task, dentry, flags: isReadOnly ? O_RDONLY : O_RDWR, memo: undefined }, segment.inode);
    this.segment = segment;
  }

  override retain(): this {
    this._attachments++;
    this.segment.attached();
    return super.retain();
  }

  override close(): void {
    super.close();
    if (this._attachments === 0) return;
    this._attachments--;
    this.segment.detached();
  }

  /** The call that made it is done with it. */
  settle(): void {
    super.close();
  }

  override stat(): ReturnType<OpenRegular['stat']> {
    return { ...super.stat(), inode: this.segment.id };
  }
}

export class SharedMemory {
  readonly table = new IpcTable<Segment>(SHMMNI);

  /** Pages of all segments. */
  get pages(): number {
    return [...this.table].reduce((sum, segment) => sum + segment.pages, 0);
  }

  /** Pages of all segments that are in memory. */
  get residentPages(): number {
    return [...this.table].reduce((sum, { inode }) => sum + inode.cache.residentPages, 0);
  }

  /** By number, and permitted: EINVAL, EACCES. */
  find(task: Task, id: number, wanted: number): Segment | Errno {
    const segment = this.table.find(id);
    if (segment instanceof Errno) return segment;
    return segment.checkAccess(task.credentials, wanted) ?? segment;
  }

  /** The run is over. */
  shutDown(): void {
    for (const segment of this.table) {
      this.table.remove(segment);
      segment.inode.unhold();
    }
  }
}
