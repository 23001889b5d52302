/** rt_sigtimedwait(2): signals are taken instead of delivered. kernel/signal.c (`do_sigtimedwait`). */
import { EAGAIN, EFAULT, EINTR, EINVAL, Errno } from '../../abi/errno.ts';
import { siginfoBytes } from '../../abi/siginfo.ts';
import { SIGSET_BYTES, type SignalInfo, signalName, UNBLOCKABLE } from '../../abi/signal.ts';
import { copyOut, readU64 } from '../mm/user-memory.ts';
import { setBlocked, takeSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { size } from './args/numbers.ts';
import { inSigset, outSiginfo } from './args/signals.ts';
import { givenTimespec } from './args/time.ts';
import { Blocked, type SyscallResult, syscall } from './define.ts';
import { type Deadline, isOver, readDeadline, wakeUpTime } from './timeout.ts';

interface Wait {
  readonly wanted: bigint;
  readonly deadline: Deadline;
}

/** rt_sigtimedwait(2). EAGAIN: the time is over. EINTR: another signal came. EINVAL: a bad time, a set of another size. */
export const rtSigtimedwait = syscall({
  number: 128,
  name: 'rt_sigtimedwait',
  args: { set: inSigset, info: outSiginfo, timeout: givenTimespec, size },
  support: 'full',
  resultNote: (_args, result) => (result > 0n ? `${result} (${signalName(Number(result))})` : undefined),
  run(task, { set, info, timeout, size }, call) {
    if (call.memo === undefined) {
      if (size !== BigInt(SIGSET_BYTES)) return EINVAL;
      const wanted = readU64(task.mm, set);
      if (wanted instanceof Errno) return wanted;
      const deadline = readDeadline(task, timeout, 'timespec');
      if (deadline instanceof Errno) return deadline;
      call.memo = { wanted: wanted & ~UNBLOCKABLE, deadline } satisfies Wait;
    } else {
      endWait(task);
    }
    return wait(task, call.memo as Wait, info);
  },
});

function wait(task: Task, { wanted, deadline }: Wait, address: bigint): SyscallResult {
  const info = takeSignal(task, wanted);
  if (info !== undefined) return taken(task, info, address);
  if (isOver(task, deadline)) return EAGAIN;
  // While it sleeps, those that it waits for wake it, blocked or not.
  task.realBlocked = task.blockedSignals;
  setBlocked(task, task.blockedSignals & ~wanted);
  return new Blocked([], wakeUpTime(deadline), () => {
    endWait(task);
    const late = takeSignal(task, wanted);
    return late === undefined ? EINTR : taken(task, late, address);
  });
}

function endWait(task: Task): void {
  const mask = task.realBlocked;
  task.realBlocked = 0n;
  setBlocked(task, mask);
}

const taken = (task: Task, info: SignalInfo, address: bigint): number | Errno =>
  address !== 0n && copyOut(task.mm, address, siginfoBytes(info)) !== undefined ? EFAULT : info.signal;
