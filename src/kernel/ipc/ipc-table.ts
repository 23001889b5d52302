/**
 * What System V objects have in common: keys, numbers that are not used again soon, owners and permissions. sysvipc(7),
 * ipc/util.c (`ipc_addid`, `ipcget`, `ipcperms`). A number is an index and, from bit 15 on, a sequence number.
 */
import { EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, EPERM, Errno } from '../../abi/errno.ts';
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from '../../abi/ipc.ts';
import { type Credentials, isInGroup } from '../task/credentials.ts';

const SEQUENCE_SHIFT = 15;
const MAX_SEQUENCE = 0x7fff_ffff >>> SEQUENCE_SHIFT;
/** Indices are given out in a circle of at least so many. */
const MIN_CYCLE = 64;

export abstract class IpcObject {
  id = -1;
  key: number;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  /** Permissions, and bits of the kind. */
  mode: number;
  isRemoved = false;

  constructor(key: number, mode: number, { euid, egid }: Credentials) {
    this.key = key;
    this.mode = mode & 0o777;
    this.uid = this.cuid = euid;
    this.gid = this.cgid = egid;
  }

  get index(): number {
    return this.id & ((1 << SEQUENCE_SHIFT) - 1);
  }
  get sequence(): number {
    return this.id >>> SEQUENCE_SHIFT;
  }

  /** `wanted` are permission bits for owner, group or others, whichever the caller is: EACCES. */
  checkAccess(who: Credentials, wanted: number): Errno | undefined {
    const requested = (wanted >> 6) | (wanted >> 3) | wanted;
    let granted = this.mode;
    if (who.euid === this.cuid || who.euid === this.uid) granted >>= 6;
    else if (isInGroup(who, this.cgid) || isInGroup(who, this.gid)) granted >>= 3;
    return requested & ~granted & 7 ? EACCES : undefined;
  }

  /** Whether it may be changed or removed: EPERM. */
  checkOwner(who: Credentials): Errno | undefined {
    return who.euid === this.cuid || who.euid === this.uid ? undefined : EPERM;
  }

  /** IPC_SET. */
  setPermissions(uid: number, gid: number, mode: number): void {
    this.uid = uid;
    this.gid = gid;
    this.mode = (this.mode & ~0o777) | (mode & 0o777);
  }
}

export interface IpcGet<T> {
  readonly key: number;
  readonly flags: number;
  readonly who: Credentials;
  /** Whether an object that is there will do. */
  check(object: T): Errno | undefined;
  make(): T | Errno;
}

export class IpcTable<T extends IpcObject> {
  /** How many there may be. */
  readonly limit: number;
  private readonly _byIndex = new Map<number, T>();
  private _nextIndex = 0;
  private _lastIndex = -1;
  private _sequence = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this._byIndex.size;
  }

  /** The highest index in use; 0 for none. */
  get maxIndex(): number {
    return Math.max(0, ...this._byIndex.keys());
  }

  [Symbol.iterator](): Iterator<T> {
    return [...this._byIndex.values()].sort((a, b) => a.index - b.index)[Symbol.iterator]();
  }

  /** shmget(2) and its siblings: the number. ENOENT, EEXIST, EACCES; ENOSPC: too many. */
  get({ key, flags, who, check, make }: IpcGet<T>): number | Errno {
    const known = key === IPC_PRIVATE ? undefined : this._findKey(key);
    if (known !== undefined) {
      if (flags & IPC_CREAT && flags & IPC_EXCL) return EEXIST;
      const failed = check(known) ?? known.checkAccess(who, flags);
      return failed ?? known.id;
    }
    if (key !== IPC_PRIVATE && !(flags & IPC_CREAT)) return ENOENT;
    const made = make();
    return made instanceof Errno ? made : this._add(made);
  }

  /** By number. EINVAL: there is none, or it was removed. */
  find(id: number): T | Errno {
    const object = id < 0 ? undefined : this.findAt(id & ((1 << SEQUENCE_SHIFT) - 1));
    return object instanceof IpcObject && object.id === id ? object : EINVAL;
  }

  /** By index: SHM_STAT and its siblings. EINVAL. */
  findAt(index: number): T | Errno {
    return this._byIndex.get(index) ?? EINVAL;
  }

  remove(object: T): void {
    object.isRemoved = true;
    this._byIndex.delete(object.index);
  }

  private _findKey(key: number): T | undefined {
    for (const object of this._byIndex.values()) if (object.key === key) return object;
    return undefined;
  }

  private _add(object: T): number | Errno {
    if (this.size >= this.limit) return ENOSPC;
    const cycle = Math.min(this.limit, Math.max(MIN_CYCLE, Math.floor((this.size * 3) / 2)));
    let index = this._nextIndex < cycle ? this._nextIndex : 0;
    while (this._byIndex.has(index)) index = (index + 1) % cycle;
    this._nextIndex = index + 1;
    if (index <= this._lastIndex) this._sequence = (this._sequence + 1) % MAX_SEQUENCE;
    this._lastIndex = index;
    object.id = this._sequence * 2 ** SEQUENCE_SHIFT + index;
    this._byIndex.set(index, object);
    return object.id;
  }
}
