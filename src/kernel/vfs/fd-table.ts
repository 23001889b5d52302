/**
 * A process's descriptors: small numbers for open files, each with its own close-on-exec flag. fork(2) copies the table;
 * the files it refers to are shared. fs/file.c.
 */

import { EBADF, EINVAL, EMFILE, Errno } from '../../abi/errno.ts';
import { O_PATH } from '../../abi/fcntl.ts';
import type { LockOwner } from './file-locks.ts';
import type { OpenFile } from './open-file.ts';

interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

export class FdTable {
  private readonly _descriptors: (Descriptor | undefined)[] = [];
  private _users = 1;
  /** For whose locks it sleeps. */
  lockHolders: Set<LockOwner> | undefined;

  /** Another thread uses it, too: CLONE_FILES. */
  retain(): this {
    this._users++;
    return this;
  }

  /** A thread no longer uses it; after the last everything is closed. */
  release(): void {
    if (--this._users === 0) this.closeAll();
  }

  get isShared(): boolean {
    return this._users > 1;
  }

  /** The file of a descriptor; one that was opened with O_PATH is none to most calls (`fdget`). */
  find(fd: number): OpenFile | undefined {
    const file = this._descriptors[fd]?.file;
    return file === undefined || file.flags & O_PATH ? undefined : file;
  }

  /** The same, opened with O_PATH or not (`fdget_raw`). */
  findRaw(fd: number): OpenFile | undefined {
    return this._descriptors[fd]?.file;
  }

  findDescriptor(fd: number): Descriptor | undefined {
    return this._descriptors[fd];
  }

  /** For how many descriptors Linux would have made room: select(2) looks at no more. */
  get capacity(): number {
    return Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(1, this._descriptors.length))));
  }

  /** Whether there is a number left. EMFILE. */
  lowestFree(limit: number): number | Errno {
    let fd = 0;
    while (this._descriptors[fd] !== undefined) fd++;
    return fd < limit ? fd : EMFILE;
  }

  /** The lowest number that is free. EMFILE: none is below the limit. */
  findFree(limit: number): number | Errno {
    let fd = 0;
    while (this._descriptors[fd] !== undefined) fd++;
    return fd < limit ? fd : EMFILE;
  }

  /** Takes the file over under the lowest number that is free, `from` or above. EMFILE: none is below the limit. */
  install(file: OpenFile, closeOnExec: boolean, limit: number, from = 0): number | Errno {
    let fd = from;
    while (this._descriptors[fd] !== undefined) fd++;
    if (fd >= limit) return EMFILE;
    this._descriptors[fd] = { file, closeOnExec };
    return fd;
  }

  /** dup(2), and fcntl(2) with F_DUPFD. EBADF; EINVAL: `from` is beyond the limit. EMFILE. */
  duplicate(fd: number, closeOnExec: boolean, limit: number, from = 0): number | Errno {
    const file = this.findRaw(fd);
    if (file === undefined) return EBADF;
    if (from >= limit) return EINVAL;
    const made = this.install(file, closeOnExec, limit, from);
    if (!(made instanceof Errno)) file.retain();
    return made;
  }

  /** dup2(2) with two numbers that differ: what `to` was is closed. EBADF: also for a number beyond the limit. */
  duplicateTo(fd: number, to: number, closeOnExec: boolean, limit: number): number | Errno {
    const file = this.findRaw(fd);
    if (to < 0 || to >= limit || file === undefined) return EBADF;
    const before = this._descriptors[to];
    this._descriptors[to] = { file: file.retain(), closeOnExec };
    this._close(before);
    return to;
  }

  /** close(2). EBADF. */
  close(fd: number): number | Errno {
    const descriptor = this._descriptors[fd];
    if (descriptor === undefined) return EBADF;
    this._descriptors[fd] = undefined;
    this._close(descriptor);
    return 0;
  }

  private _close(descriptor: Descriptor | undefined): void {
    descriptor?.file.leave(this);
    descriptor?.file.close();
  }

  /** The descriptors that are open, in order. */
  numbers(): number[] {
    return [...this._descriptors.keys()].filter((fd) => this._descriptors[fd] !== undefined);
  }

  closeAll(): void {
    for (const descriptor of this._descriptors.splice(0)) this._close(descriptor);
  }

  /** The table for a new program: of its own, and without what closes then. */
  forNewProgram(): FdTable {
    const table = this.copy();
    this.release();
    for (const fd of table.numbers()) if (table.findDescriptor(fd)?.closeOnExec) table.close(fd);
    return table;
  }

  /** The table of a child. */
  copy(): FdTable {
    const table = new FdTable();
    for (const [fd, descriptor] of this._descriptors.entries())
      if (descriptor) table._descriptors[fd] = { file: descriptor.file.retain(), closeOnExec: descriptor.closeOnExec };
    return table;
  }
}
