/** rt_sigprocmask(2) and rt_sigpending(2): kernel/signal.c. */
import { EINVAL, Errno } from '../../abi/errno.ts';
import { SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGSET_BYTES, UNBLOCKABLE } from '../../abi/signal.ts';
import { copyOut, readU64, writeU64 } from '../mm/user-memory.ts';
import { setBlocked } from '../task/signal.ts';
import { size } from './args/numbers.ts';
import { inSigset, maskChange, outSigset } from './args/signals.ts';
import { syscall } from './define.ts';

/** rt_sigprocmask(2). EINVAL: a size other than 8, or no such change. EFAULT: of `old`, after the change. */
export const rtSigprocmask = syscall({
  number: 14,
  name: 'rt_sigprocmask',
  args: { how: maskChange, set: inSigset, old: outSigset, size },
  support: 'full',
  run(task, { how, set, old, size }) {
    if (size !== BigInt(SIGSET_BYTES)) return EINVAL;
    const before = task.blockedSignals;
    if (set !== 0n) {
      const given = readU64(task.mm, set);
      if (given instanceof Errno) return given;
      const changed = given & ~UNBLOCKABLE;
      if (how === SIG_BLOCK) setBlocked(task, before | changed);
      else if (how === SIG_UNBLOCK) setBlocked(task, before & ~changed);
      else if (how === SIG_SETMASK) setBlocked(task, changed);
      else return EINVAL;
    }
    return old === 0n ? 0 : (writeU64(task.mm, old, before) ?? 0);
  },
});

/** rt_sigpending(2): signals that wait to be unblocked. EINVAL: a size above 8. EFAULT. */
export const rtSigpending = syscall({
  number: 127,
  name: 'rt_sigpending',
  args: { set: outSigset, size },
  support: 'full',
  run(task, { set, size }) {
    if (size > BigInt(SIGSET_BYTES)) return EINVAL;
    const pending = task.pending.set | task.process.pending.set;
    const bytes = new Uint8Array(BigUint64Array.of(pending & task.blockedSignals).buffer, 0, Number(size));
    return copyOut(task.mm, set, bytes) ?? 0;
  },
});
