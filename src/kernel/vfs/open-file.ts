/**
 * An open file description: what open(2) or pipe(2) makes, and what descriptors refer to. dup(2) and fork(2) make more
 * descriptors of the same one, so its flags and, where there is one, its offset are shared. struct file.
 */

import { ENODEV, ENOTDIR, ENOTTY, ENXIO, type Errno, ESPIPE } from '../../abi/errno.ts';
import { F_OWNER_PID, O_ACCMODE, O_NONBLOCK, O_PATH, O_WRONLY } from '../../abi/fcntl.ts';
import { IN_CLOSE_NOWRITE, IN_CLOSE_WRITE } from '../../abi/inotify.ts';
import { READABLE, WRITABLE } from '../../abi/poll.ts';
import type { Stat } from '../../abi/stat.ts';
import { invariant } from '../../base/invariant.ts';
import type { Backing } from '../mm/backing.ts';
import type { Blocked, SyscallResult } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import type { Dentry } from './dentry.ts';
import type { FdTable } from './fd-table.ts';
import { fileEvent } from './file-events.ts';
import type { LockOwner } from './file-locks.ts';
import { FileLocks } from './file-locks.ts';
import type { OpenRequest } from './inode.ts';
import type { UserStream } from './user-stream.ts';

/** struct linux_dirent64, or the older struct linux_dirent. */
export type DirentFormat = 'dirent64' | 'dirent';

/** Bytes moved; or the task has to wait, and the operation is run again with what is left of the stream. */
export type IoResult = number | Errno | Blocked;

export abstract class OpenFile {
  /** Access mode and status flags: O_ of fcntl.h. The access mode never changes. */
  flags: number;
  /** Its name when it was opened, which follows renames; undefined for what has none, such as a socket. */
  readonly dentry: Dentry | undefined;
  private _references = 1;
  /** For whose locks it sleeps. */
  lockHolders: Set<LockOwner> | undefined;

  constructor(flags: number, dentry?: Dentry) {
    this.flags = flags;
    this.dentry = dentry;
    dentry?.inode.hold();
  }

  get isReadable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY;
  }
  get isWritable(): boolean {
    return (this.flags & O_ACCMODE) !== 0;
  }
  get isNonBlocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }

  /** Fills the stream. Only called when it may be read. */
  abstract read(task: Task, to: UserStream): IoResult;
  /** Takes all of the stream, if it can. Only called when it may be written. */
  abstract write(task: Task, from: UserStream): IoResult;
  abstract stat(): Stat;

  /** Its offset, for /proc/PID/fdinfo. */
  get offset(): number {
    return 0;
  }
  /** More lines of /proc/PID/fdinfo, each with its end. */
  describe(): string {
    return '';
  }
  /** Opening what a link of /proc/PID/fd leads to, where that is in no directory. ENXIO: it cannot be opened again. */
  reopen(_request: OpenRequest): OpenFile | Errno | Blocked {
    return ENXIO;
  }
  /** Where /proc/PID/fd leads: its place, or a text such as `pipe:[4]` for what has none. */
  place(): Dentry | string {
    return this.dentry ?? `anon_inode:[${this.stat().inode}]`;
  }
  /** What is so now: POLL bits, POLLERR and POLLHUP among them. Files that never keep anybody waiting are ready. */
  poll(): number {
    return READABLE | WRITABLE;
  }
  /** Who is woken when that changes; undefined for files that epoll(7) refuses, since nothing ever does. */
  pollQueues(): readonly WaitQueue[] | undefined {
    return undefined;
  }
  /** Who has to hear, first of all, that the last descriptor is gone: epolls. */
  readonly closing: Set<() => void> = new Set();

  /** pread(2): at a place, without moving the offset. ESPIPE: it has no places. */
  readAt(_task: Task, _to: UserStream, _position: number): IoResult {
    return ESPIPE;
  }
  /** pwrite(2). */
  writeAt(_task: Task, _from: UserStream, _position: number): IoResult {
    return ESPIPE;
  }
  /** lseek(2), whose origin is known: the new offset. */
  seek(_task: Task, _offset: bigint, _whence: number): number | Errno {
    return ESPIPE;
  }
  /** Whether it has places at all, so that pread(2) and pwrite(2) get as far as asking for them. */
  get hasPositions(): boolean {
    return false;
  }
  /** What mmap(2) maps: undefined for private memory that only looks like it came from here. ENODEV: it cannot be mapped. */
  backing(_task: Task, _shared: boolean, _pages: number): Backing | Errno | undefined {
    return ENODEV;
  }
  /** A request of ioctl(2) that is not common to all files. ENOTTY: no such request. */
  ioctl(_task: Task, _request: number, _argument: bigint): SyscallResult {
    return ENOTTY;
  }
  /** getdents64(2): the next entries, as many as fit. ENOTDIR. */
  readEntries(_task: Task, _buffer: bigint, _sizeBytes: number, _format: DirentFormat): number | Errno {
    return ENOTDIR;
  }
  /** fsync(2): what was written reaches its place. */
  sync(): Errno | undefined {
    return undefined;
  }

  /** The last descriptor is gone. */
  protected abstract release(): void;

  /** Descriptors, and others that keep it open. */
  get references(): number {
    return this._references;
  }

  /** Another descriptor refers to it. */
  retain(): this {
    invariant(this._references > 0, 'the file is closed');
    this._references++;
    return this;
  }

  /** One of a table's descriptors for it goes, and with it what the process has locked by any of them: fcntl(2). */
  leave(table: FdTable): void {
    this._locks()?.release(table);
  }

  private _ownLocks: FileLocks | undefined;
  private _locks(): FileLocks | undefined {
    return this.dentry === undefined ? this._ownLocks : this.dentry.inode.locks;
  }
  /** Locks on what is open; what has no name has them of its own. */
  fileLocks(): FileLocks {
    if (this.dentry === undefined) return (this._ownLocks ??= new FileLocks());
    const { inode } = this.dentry;
    return (inode.locks ??= new FileLocks());
  }

  /** Who gets signals about it, and which: F_SETOWN and F_SETSIG of fcntl(2). Nothing sends them yet. */
  owner: { readonly type: number; readonly id: number } = { type: F_OWNER_PID, id: 0 };
  ownerSignal = 0;

  /** A descriptor is gone. */
  close(): void {
    invariant(this._references > 0, 'the file is closed already');
    if (--this._references > 0) return;
    for (const tell of this.closing) tell();
    if (this.dentry !== undefined && (this.flags & O_PATH) === 0)
      fileEvent(this.dentry, this.isWritable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
    this._locks()?.release(this);
    this.release();
    this.dentry?.inode.unhold();
  }
}
