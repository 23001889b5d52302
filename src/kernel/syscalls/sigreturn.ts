/** sigreturn(2) and restart_syscall(2): how a program goes on after a handler, or after a stop. */
import { EINTR, errnoOf } from '../../abi/errno.ts';
import { SI_KERNEL, SIGSEGV } from '../../abi/signal.ts';
import { s64 } from '../../base/ints.ts';
import { RAX } from '../../cpu/state.ts';
import { forceSignal } from '../task/signal.ts';
import { leaveHandler } from '../task/signal-frame.ts';
import { signalFrame } from './args/signals.ts';
import { syscall } from './define.ts';

/** rt_sigreturn(2): the result is what RAX was. SIGSEGV: the frame cannot be. */
export const rtSigreturn = syscall({
  number: 15,
  name: 'rt_sigreturn',
  args: { frame: signalFrame },
  support: 'full',
  run(task, { frame }) {
    // A handler's return has taken the first word of the frame.
    if (!leaveHandler(task, frame - 8n)) {
      forceSignal(task, { signal: SIGSEGV, code: SI_KERNEL, address: 0n });
      return 0;
    }
    const result = s64(task.kernel.cpu.state.reg(RAX));
    return (result < 0n && result > -4096n ? errnoOf(Number(-result)) : undefined) ?? result;
  },
});

/** restart_syscall(2): goes on with a call that was cut short without a handler, with the time that was left. */
export const restartSyscall = syscall({
  number: 219,
  name: 'restart_syscall',
  args: {},
  support: 'full',
  argsText: (_args, { restarted }) => `<... resuming interrupted ${restarted ?? 'call'} ...>`,
  run(task) {
    const { restart } = task;
    return restart === undefined ? EINTR : restart.record.run(task, restart.args, restart);
  },
});
