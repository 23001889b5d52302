/**
 * Who waits at which word: futex(2), kernel/futex/core.c. A word is known by its place: in memory that processes share, the
 * backing and the offset there, whatever its address is in each; in any other, the address space and the address. Waiters
 * of a lock with an owner (PI) are handed the lock in the order of their coming. Priorities are left out.
 */
import { EAGAIN, EDEADLK, EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { FUTEX_BITSET_MATCH_ANY, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '../../abi/futex.ts';
import { PAGE_SIZE, vpnOf } from '../../base/ints.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import type { Backing } from '../mm/backing.ts';
import { copyIn, isUserRange, writeU32 } from '../mm/user-memory.ts';
import type { Task } from './task.ts';

/** Where a word is. Two keys are the same place when both fields are equal. */
export interface FutexKey {
  readonly in: AddressSpace | Backing;
  readonly at: number;
}

/** A lock whose owner the kernel knows, while somebody waits for it. */
interface PiLock {
  owner: Task | undefined;
}

export class FutexWaiter {
  readonly task: Task;
  readonly bitset: number;
  /** Where it waits now: FUTEX_REQUEUE moves it. Undefined once it has been woken, or has given up. */
  key: FutexKey | undefined;
  /** Its lock, if it waits for one, and the word of that in its own memory. */
  readonly lock: PiLock | undefined;
  readonly address: bigint;
  isWoken = false;

  constructor(task: Task, key: FutexKey, address: bigint, bitset: number, lock?: PiLock) {
    this.task = task;
    this.key = key;
    this.address = address;
    this.bitset = bitset;
    this.lock = lock;
  }
}

/** EINVAL: not a multiple of four. EFAULT: outside user space; for a word that others may see, where there is nothing. */
export function futexKey({ mm }: Task, address: bigint, isPrivate: boolean): FutexKey | Errno {
  if (address & 3n) return EINVAL;
  if (!isUserRange(address, 4n)) return EFAULT;
  if (isPrivate) return { in: mm, at: Number(address) };
  if (readWord(mm, address) instanceof Errno) return EFAULT;
  const vpn = vpnOf(address);
  const vma = mm.vmas.find(vpn);
  if (vma?.backing === undefined || !vma.shared) return { in: mm, at: Number(address) };
  return { in: vma.backing, at: (vma.offset + (vpn - vma.start)) * PAGE_SIZE + Number(address & 0xfffn) };
}

/** The word at an address, unsigned. */
export function readWord(mm: AddressSpace, address: bigint): number | Errno {
  const bytes = copyIn(mm, address, 4);
  return bytes instanceof Errno ? bytes : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

export class Futexes {
  private readonly _places = new Map<AddressSpace | Backing, Map<number, FutexWaiter[]>>();

  private _waitersAt(key: FutexKey): FutexWaiter[] {
    return this._places.get(key.in)?.get(key.at) ?? [];
  }

  /** Puts a waiter in the line of a place. */
  add(waiter: FutexWaiter, key: FutexKey): void {
    let places = this._places.get(key.in);
    if (places === undefined) this._places.set(key.in, (places = new Map()));
    const line = places.get(key.at);
    if (line === undefined) places.set(key.at, [waiter]);
    else line.push(waiter);
    waiter.key = key;
    waiter.task.futexWaiter = waiter;
  }

  /** It waits no longer; nothing happens if it has been woken. */
  remove(waiter: FutexWaiter): void {
    const { key } = waiter;
    waiter.task.futexWaiter = undefined;
    if (key === undefined) return;
    waiter.key = undefined;
    const places = this._places.get(key.in)!;
    const line = places.get(key.at)!;
    line.splice(line.indexOf(waiter), 1);
    if (line.length > 0) return;
    places.delete(key.at);
    if (places.size === 0) this._places.delete(key.in);
  }

  private _wakeOne(waiter: FutexWaiter): void {
    this.remove(waiter);
    waiter.isWoken = true;
    waiter.task.kernel.scheduler.wake(waiter.task);
  }

  /** Wakes at most so many that have a bit of the set; how many. EINVAL: one of them waits for a lock with an owner. */
  wake(key: FutexKey, most: number, bitset: number = FUTEX_BITSET_MATCH_ANY): number | Errno {
    const line = this._waitersAt(key).filter((waiter) => (waiter.bitset & bitset) !== 0);
    let woken = 0;
    while (woken < most && line.length > 0) {
      const { policy } = line[0].task.kernel.scheduler;
      const [waiter] = line.splice(policy.wakes(line.length), 1);
      if (waiter.lock !== undefined) return EINVAL;
      this._wakeOne(waiter);
      woken++;
    }
    return woken;
  }

  /** Wakes some and lets others wait at another place; how many of both. */
  requeue(from: FutexKey, to: FutexKey, wakes: number, moves: number): number | Errno {
    const woken = this.wake(from, wakes);
    if (woken instanceof Errno) return woken;
    const moved = this._waitersAt(from).slice(0, moves);
    if (moved.some((waiter) => waiter.lock !== undefined)) return EINVAL;
    for (const waiter of moved) {
      this.remove(waiter);
      this.add(waiter, to);
    }
    return woken + moved.length;
  }

  // ---- locks with an owner --------------------------------------------------------------------------------------

  /**
   * Takes a lock, or gets in line for it. EDEADLK: it is the caller's. EAGAIN: it is taken, and the caller only tries. ESRCH:
   * its owner is no thread. EINVAL: the word contradicts what the kernel knows.
   */
  lock(task: Task, key: FutexKey, address: bigint, onlyTries: boolean): FutexWaiter | 'taken' | Errno {
    const word = readWord(task.mm, address);
    if (word instanceof Errno) return word;
    const owner = word & FUTEX_TID_MASK;
    if (owner === task.tid) return EDEADLK;
    const [first] = this._waitersAt(key);
    if (first !== undefined && first.lock === undefined) return EINVAL;
    if (first === undefined && owner === 0) {
      const failed = writeU32(task.mm, address, ((word & FUTEX_OWNER_DIED) | task.tid) >>> 0);
      return failed ?? 'taken';
    }
    let lock = first?.lock;
    if (lock === undefined) {
      const failed = writeU32(task.mm, address, (word | FUTEX_WAITERS) >>> 0);
      if (failed !== undefined) return failed;
      const holder = task.kernel.findTask(owner);
      if (holder === undefined || !holder.isAlive()) return ESRCH;
      if (onlyTries) return EAGAIN;
      lock = { owner: holder };
      holder.ownedLocks.add(lock);
    } else if (lock.owner?.tid !== owner) return EINVAL;
    if (onlyTries) return EAGAIN;
    const waiter = new FutexWaiter(task, key, address, FUTEX_BITSET_MATCH_ANY, lock);
    this.add(waiter, key);
    return waiter;
  }

  /** EPERM: it is not the caller's. EINVAL: who waits there does not wait for a lock. */
  unlock(task: Task, key: FutexKey, address: bigint): 0 | Errno {
    const word = readWord(task.mm, address);
    if (word instanceof Errno) return word;
    if ((word & FUTEX_TID_MASK) !== task.tid) return EPERM;
    const [first] = this._waitersAt(key);
    if (first === undefined) return writeU32(task.mm, address, 0) ?? 0;
    if (first.lock === undefined) return EINVAL;
    if (first.lock.owner !== task) return EINVAL;
    return this._handOver(first, first.lock, 0) ?? 0;
  }

  /** The first in line becomes the owner; the word says so, with `marks`. */
  private _handOver(waiter: FutexWaiter, lock: PiLock, marks: number): Errno | undefined {
    const { task } = waiter;
    const failed = writeU32(task.mm, waiter.address, (FUTEX_WAITERS | marks | task.tid) >>> 0);
    if (failed !== undefined) return failed;
    lock.owner?.ownedLocks.delete(lock);
    const { key } = waiter;
    this._wakeOne(waiter);
    const isWanted = key !== undefined && this._waitersAt(key).length > 0;
    lock.owner = isWanted ? task : undefined;
    if (isWanted) task.ownedLocks.add(lock);
    return undefined;
  }

  /** A thread ends: those that wait for its locks get them, marked. Its own waiting is over. */
  leave(task: Task): void {
    if (task.futexWaiter !== undefined) this.remove(task.futexWaiter);
    for (const lock of [...task.ownedLocks]) {
      task.ownedLocks.delete(lock);
      lock.owner = undefined;
      const first = this._firstFor(lock);
      if (first !== undefined) this._handOver(first, lock, FUTEX_OWNER_DIED);
    }
  }

  private _firstFor(lock: PiLock): FutexWaiter | undefined {
    for (const places of this._places.values())
      for (const line of places.values()) if (line[0].lock === lock) return line[0];
    return undefined;
  }

  /** Places at which somebody waits. */
  get size(): number {
    return this._places.size;
  }
}

export type { PiLock };
