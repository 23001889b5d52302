/** rt_sigsuspend(2) and pause(2): a sleep that only a signal ends. kernel/signal.c. */
import { EINVAL, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import { SIGSET_BYTES, UNBLOCKABLE } from '../../abi/signal.ts';
import { readU64 } from '../mm/user-memory.ts';
import { setTemporaryMask } from '../task/signal.ts';
import { size } from './args/numbers.ts';
import { inSigset } from './args/signals.ts';
import { Blocked, syscall } from './define.ts';

/** rt_sigsuspend(2): with another mask. EINVAL: a set of another size. EFAULT. Always EINTR in the end. */
export const rtSigsuspend = syscall({
  number: 130,
  name: 'rt_sigsuspend',
  args: { set: inSigset, size },
  support: 'full',
  run(task, { set, size }) {
    if (size !== BigInt(SIGSET_BYTES)) return EINVAL;
    const mask = readU64(task.mm, set);
    if (mask instanceof Errno) return mask;
    setTemporaryMask(task, mask & ~UNBLOCKABLE);
    return new Blocked([], undefined, ERESTARTNOHAND);
  },
});

/** pause(2). */
export const pause = syscall({
  number: 34,
  name: 'pause',
  args: {},
  support: 'full',
  run: () => new Blocked([], undefined, ERESTARTNOHAND),
});
