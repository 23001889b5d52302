/**
 * Signals with their default actions: signal(7). There are no handlers and no masks yet, so a signal ends the process
 * or is ignored; stopping is left out. A signal is delivered when its task next returns to user mode.
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
  if (action !== 'terminate' && info.signal !== SIGCHLD) return;
  if (task.pending.some((other) => other.signal === info.signal)) return;
  task.pending.push(info);
  if (action === 'terminate') task.kernel.scheduler.wake(task);
}

/** Delivers what is pending to the running task; false when that ended it. */
export function deliverSignals(task: Task): boolean {
  while (task.pending.length > 0) {
    const info = task.pending.shift()!;
    if (defaultAction(info.signal) === 'terminate') {
      raiseFatal(task, info);
      return false;
    }
    task.kernel.report.signal(task, info, 'ignored');
  }
  return true;
}

export const hasFatalSignal = (task: Task): boolean =>
  task.pending.some(({ signal }) => defaultAction(signal) === 'terminate');

/** A signal that cannot be put off: the instruction that raised it would raise it again. */
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
