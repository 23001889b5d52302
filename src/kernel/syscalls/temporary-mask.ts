/** The signal mask of ppoll(2), pselect6(2) and epoll_pwait(2), for the time of the call: kernel/signal.c. */
import { EINVAL, Errno } from '../../abi/errno.ts';
import { SIGSET_BYTES, UNBLOCKABLE } from '../../abi/signal.ts';
import { readU64 } from '../mm/user-memory.ts';
import { setTemporaryMask } from '../task/signal.ts';
import type { Task } from '../task/task.ts';

/** Blocks what a set says until the call returns; nothing for a null pointer. EINVAL: of another size. EFAULT. */
export function applyMask(task: Task, address: bigint, size: bigint): Errno | undefined {
  if (address === 0n) return undefined;
  if (size !== BigInt(SIGSET_BYTES)) return EINVAL;
  const mask = readU64(task.mm, address);
  if (mask instanceof Errno) return mask;
  setTemporaryMask(task, mask & ~UNBLOCKABLE);
  return undefined;
}
