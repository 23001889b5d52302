/** rt_sigaction(2): kernel/signal.c (`do_sigaction`). */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { SIGNAL_MAX, SIGSET_BYTES, signalBit, UNBLOCKABLE } from '../../abi/signal.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { isIgnored } from '../task/signal.ts';
import type { SignalAction } from '../task/signal-actions.ts';
import { viewOf } from './args/kind.ts';
import { size } from './args/numbers.ts';
import { inSigaction, outSigaction, signal } from './args/signals.ts';
import { syscall } from './define.ts';

/** struct sigaction as the kernel has it: sa_handler, sa_flags, sa_restorer, sa_mask. */
export const SIGACTION_BYTES = 32;
/** The flags that are kept, SA_EXPOSE_TAGBITS among them: others can be told to be unknown. */
const KNOWN_FLAGS = 0xdc00_0807n;

/** rt_sigaction(2). EINVAL: no such signal, SIGKILL or SIGSTOP, a set of another size. EFAULT: of `old`, after the change. */
export const rtSigaction = syscall({
  number: 13,
  name: 'rt_sigaction',
  args: { signal, action: inSigaction, old: outSigaction, size },
  support: 'full',
  run(task, { signal, action, old, size }) {
    if (size !== BigInt(SIGSET_BYTES)) return EINVAL;
    const { process } = task;
    const wanted = action === 0n ? undefined : copyIn(task.mm, action, SIGACTION_BYTES);
    if (wanted instanceof Errno) return wanted;
    if (signal < 1 || signal > SIGNAL_MAX) return EINVAL;
    if (wanted !== undefined && signalBit(signal) & UNBLOCKABLE) return EINVAL;
    const before = process.actions.get(signal);
    if (wanted !== undefined) {
      process.actions.set(signal, readAction(wanted));
      if (isIgnored(process, signal)) {
        process.pending.discard(signalBit(signal));
        for (const thread of process.threads) thread.pending.discard(signalBit(signal));
      }
    }
    return old !== 0n && copyOut(task.mm, old, actionBytes(before)) !== undefined ? EFAULT : 0;
  },
});

function readAction(bytes: Uint8Array): SignalAction {
  const word = (at: number): bigint => viewOf(bytes).getBigUint64(at, true);
  return { handler: word(0), flags: word(8) & KNOWN_FLAGS, restorer: word(16), mask: word(24) & ~UNBLOCKABLE };
}

const actionBytes = ({ handler, flags, restorer, mask }: SignalAction): Uint8Array =>
  new Uint8Array(BigUint64Array.from([handler, flags, restorer, mask]).buffer);
