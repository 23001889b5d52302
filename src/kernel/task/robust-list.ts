/**
 * Locks that a thread holds when it ends: set_robust_list(2), kernel/futex/core.c (`exit_robust_list`). The thread keeps a
 * list of them in its memory; each that is still its own is marked, and somebody who waits for it is woken.
 */
import { Errno } from '../../abi/errno.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '../../abi/futex.ts';
import { readU64, writeU32 } from '../mm/user-memory.ts';
import { futexKey, readWord } from './futex.ts';
import type { Task } from './task.ts';

/** A list of this length is taken for a circle. */
const LIMIT = 2048;
/** In a link: the lock is one with an owner. */
const PI_BIT = 1n;

/** Goes through the list of a thread that is about to give up its memory. */
export function markRobustList(task: Task): void {
  const head = task.robustList;
  task.robustList = 0n;
  if (head === 0n) return;
  const { mm } = task;
  const [first, offset, pending] = [readU64(mm, head), readU64(mm, head + 8n), readU64(mm, head + 16n)];
  if (first instanceof Errno || offset instanceof Errno || pending instanceof Errno) return;
  const wordOf = (link: bigint): bigint => BigInt.asUintN(64, (link & ~PI_BIT) + offset);
  let link = first;
  for (let i = 0; i < LIMIT && (link & ~PI_BIT) !== head; i++) {
    // Whoever gets the lock may change its link.
    const next = readU64(mm, link & ~PI_BIT);
    if ((link & ~PI_BIT) !== (pending & ~PI_BIT) && !mark(task, wordOf(link), (link & PI_BIT) !== 0n, false)) return;
    if (next instanceof Errno) return;
    link = next;
  }
  if (pending !== 0n) mark(task, wordOf(pending), (pending & PI_BIT) !== 0n, true);
}

/** False when the word cannot be reached. */
function mark(task: Task, address: bigint, isPi: boolean, isPending: boolean): boolean {
  const { mm, kernel } = task;
  if (address & 3n) return false;
  const word = readWord(mm, address);
  if (word instanceof Errno) return false;
  const wake = (): void => {
    const key = futexKey(task, address, false);
    if (!(key instanceof Errno)) kernel.futexes.wake(key, 1);
  };
  const owner = word & FUTEX_TID_MASK;
  if (isPending && !isPi && owner === 0) {
    wake();
    return true;
  }
  if (owner !== task.tid) return true;
  if (writeU32(mm, address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0) !== undefined) return false;
  if (!isPi && word & FUTEX_WAITERS) wake();
  return true;
}
