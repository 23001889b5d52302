/**
 * Signals with their default actions: signal(7). There are no handlers yet, so a signal ends the process or is ignored;
 * stopping is left out. A signal is delivered when its task next returns to user mode and does not block it.
 */
import {
  BUS_ADRALN,
  defaultAction,
  FPE_FLTINV,
  FPE_INTDIV,
  ILL_ILLOPN,
  SI_KERNEL,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGSEGV,
  SIGTRAP,
  type SignalInfo,
  signalBit,
  TRAP_TRACE,
} from '../../abi/signal.ts';
import type { ExceptionVector } from '../../cpu/builder.ts';
import { endTask } from './exit.ts';
import type { Task } from './task.ts';

/** Leaves a signal for a task, and wakes it if the signal will end it. */
export function sendSignal(task: Task, info: SignalInfo): void {
  if (!task.isAlive()) return;
  const action = defaultAction(info.signal);
  // What is ignored leaves no trace on Linux either, but for SIGCHLD, which strace(1) shows.
  const blocked = isBlocked(task, info.signal);
  if (action !== 'terminate' && info.signal !== SIGCHLD && !blocked) return;
  if (task.pending.some((other) => other.signal === info.signal)) return;
  task.pending.push(info);
  if (action === 'terminate' && !blocked) task.kernel.scheduler.wake(task);
}

const isBlocked = (task: Task, signal: number): boolean => (task.blockedSignals & signalBit(signal)) !== 0n;

/** Delivers what is pending and not blocked to the running task, the lowest number first; false when that ended it. */
export function deliverSignals(task: Task): boolean {
  for (;;) {
    const ready = task.pending.filter(({ signal }) => !isBlocked(task, signal));
    if (ready.length === 0) return true;
    const info = ready.reduce((lowest, other) => (other.signal < lowest.signal ? other : lowest));
    task.pending.splice(task.pending.indexOf(info), 1);
    if (defaultAction(info.signal) === 'terminate') {
      raiseFatal(task, info);
      return false;
    }
    task.kernel.report.signal(task, info, 'ignored');
  }
}

export const hasFatalSignal = (task: Task): boolean =>
  task.pending.some(({ signal }) => defaultAction(signal) === 'terminate' && !isBlocked(task, signal));

/** A signal that cannot be put off, not even by blocking it: the instruction that raised it would raise it again. */
export function raiseFatal(task: Task, info: SignalInfo): void {
  task.kernel.report.signal(task, info, 'killed');
  endTask(task, { kind: 'killed', signal: info.signal });
}

/** What Linux makes of a processor exception: arch/x86/kernel/traps.c. The address is that of the instruction, or none. */
export function signalOfException(vector: ExceptionVector, rip: bigint): SignalInfo {
  switch (vector) {
    case 'DE':
      return { signal: SIGFPE, code: FPE_INTDIV, address: rip };
    case 'MF':
    case 'XM':
      return { signal: SIGFPE, code: FPE_FLTINV, address: rip };
    case 'UD':
      return { signal: SIGILL, code: ILL_ILLOPN, address: rip };
    case 'DB':
      return { signal: SIGTRAP, code: TRAP_TRACE, address: rip };
    case 'BP':
      return { signal: SIGTRAP, code: SI_KERNEL, address: 0n };
    case 'AC':
      return { signal: SIGBUS, code: BUS_ADRALN, address: 0n };
    case 'SS':
      return { signal: SIGBUS, code: SI_KERNEL, address: 0n };
    case 'GP':
    case 'OF':
    case 'BR':
      return { signal: SIGSEGV, code: SI_KERNEL, address: 0n };
  }
}
