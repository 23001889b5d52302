/**
 * Locks on a file: flock(2), and the byte ranges of fcntl(2), which belong to a process (F_SETLK) or to an open file
 * (F_OFD_SETLK). They bind only those who ask. fs/locks.c.
 */
import { WaitQueue } from '../task/wait-queue.ts';
import type { FdTable } from './fd-table.ts';
import type { OpenFile } from './open-file.ts';

export type LockType = 'read' | 'write';

/** A descriptor table for a process's locks, an open file for those of F_OFD_SETLK. */
export type LockOwner = FdTable | OpenFile;

/** OFFSET_MAX: as far as a lock of no particular length reaches. */
export const OFFSET_MAX: bigint = (1n << 63n) - 1n;

/** A locked range: both ends are in it. */
export interface RangeLock {
  readonly owner: LockOwner;
  readonly type: LockType;
  readonly start: bigint;
  readonly end: bigint;
  /** What F_GETLK says: -1 for an open file's. */
  readonly pid: number;
}

/** MAX_DEADLK_ITERATIONS. */
const MOST_STEPS = 10;

export class FileLocks {
  private readonly _whole = new Map<OpenFile, LockType>();
  /** The ranges of each owner, sorted and disjoint. */
  private readonly _ranges = new Map<LockOwner, RangeLock[]>();
  /** Woken when something is unlocked. */
  readonly changed: WaitQueue = new WaitQueue();
  /** Who sleeps in that queue for a range, and for whom. */
  private _waits: { readonly owner: LockOwner; readonly holder: LockOwner }[] = [];

  // ---- flock(2)

  /** What keeps an open file from locking the whole, if something does. */
  canLockWhole(file: OpenFile, type: LockType): boolean {
    for (const [holder, held] of this._whole)
      if (holder !== file && (held === 'write' || type === 'write')) return false;
    return true;
  }

  /** What it has of another type goes first, and stays gone if the lock cannot be had. False: somebody else is in the way. */
  lockWhole(file: OpenFile, type: LockType): boolean {
    if (this._whole.get(file) === type) return true;
    this.unlockWhole(file);
    if (!this.canLockWhole(file, type)) return false;
    this._whole.set(file, type);
    return true;
  }

  unlockWhole(file: OpenFile): void {
    if (this._whole.delete(file)) this.changed.wakeAll();
  }

  // ---- ranges

  /** The first lock of somebody else that is in the way. */
  findConflict({ owner, type, start, end }: Omit<RangeLock, 'pid'>): RangeLock | undefined {
    for (const [holder, ranges] of this._ranges) {
      if (holder === owner) continue;
      for (const held of ranges)
        if (held.start <= end && held.end >= start && (held.type === 'write' || type === 'write')) return held;
    }
    return undefined;
  }

  /** What the owner has in the range becomes this; nobody is in the way. */
  lockRange(lock: RangeLock): void {
    this._replace(lock.owner, lock.start, lock.end, lock);
  }

  unlockRange(owner: LockOwner, start: bigint, end: bigint): void {
    this._replace(owner, start, end, undefined);
  }

  private _replace(owner: LockOwner, start: bigint, end: bigint, lock: RangeLock | undefined): void {
    const before = this._ranges.get(owner) ?? [];
    const after: RangeLock[] = [];
    let [from, to] = [start, end];
    for (const held of before) {
      const touches = lock !== undefined && held.type === lock.type && held.start <= end + 1n && held.end >= start - 1n;
      if (touches) {
        from = held.start < from ? held.start : from;
        to = held.end > to ? held.end : to;
      } else if (held.end < start || held.start > end) after.push(held);
      else {
        if (held.start < start) after.push({ ...held, end: start - 1n });
        if (held.end > end) after.push({ ...held, start: end + 1n });
      }
    }
    if (lock !== undefined) after.push({ ...lock, start: from, end: to });
    after.sort((x, y) => (x.start < y.start ? -1 : 1));
    if (after.length > 0) this._ranges.set(owner, after);
    else this._ranges.delete(owner);
    if (before.length > 0) this._wake();
  }

  /** All that an owner has goes: a process closes the file, or an open file its last descriptor. */
  release(owner: LockOwner): void {
    if (this._ranges.delete(owner)) this._wake();
    if (this._whole.delete(owner as OpenFile)) this.changed.wakeAll();
  }

  /** Takes note that an owner waits for another, until `stopWaiting` or the next change. */
  startWaiting(owner: LockOwner, holder: LockOwner): void {
    (owner.lockHolders ??= new Set()).add(holder);
    this._waits.push({ owner, holder });
  }
  stopWaiting(owner: LockOwner, holder: LockOwner): void {
    owner.lockHolders?.delete(holder);
    this._waits = this._waits.filter((wait) => wait.owner !== owner || wait.holder !== holder);
  }
  /** Who is woken waits for nobody until it has looked again. */
  private _wake(): void {
    for (const { owner, holder } of this._waits) owner.lockHolders?.delete(holder);
    this._waits = [];
    this.changed.wakeAll();
  }

  /** How many locks an owner could lose by a close. */
  get isEmpty(): boolean {
    return this._ranges.size === 0 && this._whole.size === 0;
  }

  /** Locks as /proc/locks lists them. */
  *describe(): Iterable<RangeLock & { readonly kind: 'FLOCK' | 'POSIX' | 'OFDLCK' }> {
    for (const [owner, type] of this._whole) yield { kind: 'FLOCK', owner, type, pid: -1, start: 0n, end: OFFSET_MAX };
    for (const ranges of this._ranges.values())
      for (const lock of ranges) yield { kind: lock.pid < 0 ? 'OFDLCK' : 'POSIX', ...lock };
  }
}

/** Whether `holder` waits, perhaps through others, for `owner`: EDEADLK. */
export function wouldDeadlock(owner: LockOwner, holder: LockOwner): boolean {
  let at: readonly LockOwner[] = [holder];
  for (let steps = 0; steps < MOST_STEPS && at.length > 0; steps++) {
    const next = at.flatMap((one) => [...(one.lockHolders ?? [])]);
    if (next.includes(owner)) return true;
    at = next;
  }
  return false;
}
