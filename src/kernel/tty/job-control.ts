/** Who may use a terminal from the background: __tty_check_change of drivers/tty/tty_jobctrl.c. */
import { EIO, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import { SIG_IGN, SIGTTIN, signalBit } from '../../abi/signal.ts';
import { Blocked } from '../syscalls/define.ts';
import { isOrphanedGroup } from '../task/job-control.ts';
import { terminalOf } from '../task/process.ts';
import { fromKernel, sendToGroup } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import type { Tty } from './tty.ts';

/**
 * Undefined: go on. A process in the background of its controlling terminal gets the signal, with its whole group, and its
 * call begins again once it goes on. EIO: it could not be stopped, and reads; or nobody would continue it.
 */
export function checkBackground(task: Task, tty: Tty, signal: number): Errno | Blocked | undefined {
  const { process, kernel } = task;
  const { foregroundGroup } = tty;
  if (terminalOf(process) !== tty || foregroundGroup === 0 || process.pgid === foregroundGroup) return undefined;
  const isIgnored = (task.blockedSignals & signalBit(signal)) !== 0n || process.actions.get(signal).handler === SIG_IGN;
  if (isIgnored) return signal === SIGTTIN ? EIO : undefined;
  if (isOrphanedGroup(kernel, process.pgid)) return EIO;
  sendToGroup(kernel.processes(), process.pgid, fromKernel(signal));
  task.needsAttention = true;
  return new Blocked([], undefined, ERESTARTSYS);
}
