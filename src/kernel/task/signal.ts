/**
 * Signals from their sending to what they do: signal(7), kernel/signal.c. Sent to a process, a signal waits for whichever
 * thread takes it; sent to a thread, for that one. It is delivered when a thread next returns to user mode and does not
 * block it. What is ignored when it is sent leaves no trace, but for an observer: strace(1) shows it.
 */

import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS } from '../../abi/errno.ts';
import { POLLIN } from '../../abi/poll.ts';
import {
  BUS_ADRALN,
  defaultAction,
  FPE_FLTDIV,
  FPE_FLTINV,
  FPE_FLTOVF,
  FPE_FLTRES,
  FPE_FLTUND,
  FPE_INTDIV,
  ILL_ILLOPN,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  SI_KERNEL,
  SI_USER,
  SIG_DFL,
  SIG_IGN,
  SIGBUS,
  SIGCONT,
  SIGFPE,
  SIGILL,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  SIGTRAP,
  type SignalInfo,
  STOP_SIGNALS,
  signalBit,
  TRAP_TRACE,
} from '../../abi/signal.ts';
import type { ExceptionVector } from '../../cpu/builder.ts';
import { RAX, STATE } from '../../cpu/state.ts';
import { endProcess } from './exit.ts';
import { continueProcess, isOrphanedGroup, stopProcess, stopTask } from './job-control.ts';
import type { Process } from './process.ts';
import { DEFAULT_SIGNAL_ACTION, type SignalAction } from './signal-actions.ts';
import { enterHandler } from './signal-frame.ts';
import type { Task } from './task.ts';

const SYS_RESTART_SYSCALL = 219n;
/** SYSCALL is two bytes long. */
const SYSCALL_BYTES = 2n;

// ---- sending ------------------------------------------------------------------------------------------------------

/** kill(2) and what the kernel itself tells a process. */
export function sendToProcess(process: Process, info: SignalInfo): void {
  if (!process.isAlive()) return;
  const { leader } = process;
  if (!prepare(process, leader, info)) return;
  process.pending.add(info);
  process.signalArrived.wakeAll(POLLIN);
  const taker = takerOf(process, info.signal);
  if (taker !== undefined) wakeForSignal(taker, info.signal);
  // SIGKILL is for all of them.
  if (info.signal === SIGKILL) for (const task of process.liveThreads()) wakeForSignal(task, SIGKILL);
}

/** tgkill(2), SIGPIPE: only this thread takes it. */
export function sendSignal(task: Task, info: SignalInfo): void {
  if (!task.isAlive()) return;
  if (info.signal === SIGKILL) {
    sendToProcess(task.process, info);
    return;
  }
  if (!prepare(task.process, task, info)) return;
  task.pending.add(info);
  task.process.signalArrived.wakeAll(POLLIN);
  if (!isBlocked(task, info.signal)) wakeForSignal(task, info.signal);
}

/** To every process of a group: what a terminal does. */
export function sendToGroup(processes: readonly Process[], pgid: number, info: SignalInfo): void {
  for (const process of processes) if (process.pgid === pgid) sendToProcess(process, info);
}

/** What a signal from a program says of its sender. */
export const fromTask = ({ pid, credentials }: Task, signal: number, code: number = SI_USER): SignalInfo => ({
  signal,
  code,
  pid,
  uid: credentials.uid,
});
/** What the kernel itself sends. */
export const fromKernel = (signal: number): SignalInfo => ({ signal, code: SI_KERNEL, pid: 0, uid: 0 });

/**
 * A signal that cannot be put off: the instruction that raised it would raise it again. Blocked or ignored, it ends the
 * process (`force_sig_info`).
 */
export function forceSignal(task: Task, info: SignalInfo): void {
  const { actions } = task.process;
  const blocked = isBlocked(task, info.signal);
  if (blocked || actions.get(info.signal).handler === SIG_IGN) actions.set(info.signal, DEFAULT_SIGNAL_ACTION);
  if (blocked) task.blockedSignals &= ~signalBit(info.signal);
  task.pending.add(info);
  task.needsAttention = true;
}

/** What a signal does at once, whoever takes it; false when it is ignored (`prepare_signal`). */
function prepare(process: Process, target: Task, info: SignalInfo): boolean {
  const { signal } = info;
  if (signalBit(signal) & STOP_SIGNALS) discardEverywhere(process, signalBit(SIGCONT));
  else if (signal === SIGCONT) {
    discardEverywhere(process, STOP_SIGNALS);
    continueProcess(process);
  }
  if (isBlocked(target, signal) || target.realBlocked & signalBit(signal) || !isIgnored(process, signal)) return true;
  if (process.kernel.report.watchesSignals) {
    target.ignoredSignals.push(info);
    target.needsAttention = true;
  }
  return false;
}

function discardEverywhere(process: Process, set: bigint): void {
  process.pending.discard(set);
  for (const task of process.threads) task.pending.discard(set);
}

/** Whether a signal does nothing when it is delivered. SIGCONT has had its effect by then. */
export function isIgnored(process: Process, signal: number): boolean {
  const { handler } = process.actions.get(signal);
  if (handler !== SIG_DFL) return handler === SIG_IGN;
  const action = defaultAction(signal);
  return action === 'ignore' || action === 'continue';
}

const isBlocked = (task: Task, signal: number): boolean => (task.blockedSignals & signalBit(signal)) !== 0n;

/** Who is to take a signal: the first thread, if it does not block it, else any other (`complete_signal`). */
function takerOf(process: Process, signal: number): Task | undefined {
  const takes = (task: Task): boolean =>
    task.isAlive() && !isBlocked(task, signal) && (signal === SIGKILL || task.state !== 'stopped');
  return process.threads.find(takes);
}

/** A sleep that signals may end, ends. */
function wakeForSignal(task: Task, signal: number): void {
  const { scheduler } = task.kernel;
  task.needsAttention = true;
  if (signal === SIGKILL) scheduler.unpark(task);
  if (signal === SIGKILL || task.call?.blocked?.interrupted !== undefined) scheduler.wake(task);
}

// ---- waiting signals ----------------------------------------------------------------------------------------------

/** What a task would take now. */
export const deliverable = (task: Task): bigint => (task.pending.set | task.process.pending.set) & ~task.blockedSignals;

/** Whether a sleep has to end (`signal_pending`). */
export const hasSignal = (task: Task): boolean => task.mustStop || deliverable(task) !== 0n;
/** Whether even a sleep that only the end of the process cuts short has to end. */
export const hasFatalSignal = (task: Task): boolean => task.process.pending.has(SIGKILL);

/** Takes a signal of a set: its own before those of its process. */
export const takeSignal = (task: Task, wanted: bigint): SignalInfo | undefined =>
  task.pending.take(wanted) ?? task.process.pending.take(wanted);

/** Other signals are blocked from now on: some that have waited may be deliverable. */
export function setBlocked(task: Task, mask: bigint): void {
  const newly = mask & ~task.blockedSignals & task.process.pending.set;
  task.blockedSignals = mask;
  if (deliverable(task) !== 0n) task.needsAttention = true;
  // What this thread would have taken, another may (`retarget_shared_pending`).
  if (newly !== 0n)
    for (const other of task.process.liveThreads()) if (deliverable(other) & newly) wakeForSignal(other, 0);
}

/** Blocks other signals until the call at hand returns, or the handler that cuts it short. Runs of one call count once. */
export function setTemporaryMask(task: Task, mask: bigint): void {
  if (task.savedMask !== undefined) return;
  task.savedMask = task.blockedSignals;
  setBlocked(task, mask);
}

/** The call has returned, and no signal has ended it. */
export function restoreMask(task: Task): void {
  if (task.savedMask === undefined) return;
  const mask = task.savedMask;
  task.savedMask = undefined;
  setBlocked(task, mask);
}

// ---- delivery -----------------------------------------------------------------------------------------------------

/**
 * All that the running task has to do before user mode: it stops, a signal ends its process, or a handler is to run. False
 * when it does not get to user mode now, also when somebody has paused between two signals.
 */
export function attend(task: Task): boolean {
  const { kernel, process } = task;
  for (;;) {
    if (kernel.isPaused) return false;
    if (process.pending.has(SIGKILL)) {
      endProcess(process, { kind: 'killed', signal: SIGKILL }, task);
      return false;
    }
    for (const info of task.ignoredSignals.splice(0)) kernel.report.signal(task, info, 'ignored');
    if (task.mustStop) {
      stopTask(task);
      return false;
    }
    const info = takeSignal(task, ~task.blockedSignals);
    if (info === undefined) break;
    const { signal } = info;
    const action = process.actions.get(signal);
    if (action.handler !== SIG_DFL && action.handler !== SIG_IGN) {
      kernel.report.signal(task, info, 'handled');
      handle(task, info, action);
      continue;
    }
    if (isIgnored(process, signal)) {
      kernel.report.signal(task, info, 'ignored');
      continue;
    }
    if (defaultAction(signal) === 'stop') {
      kernel.report.signal(task, info, 'stopped');
      // A group that nobody could continue does not stop for its terminal.
      if (signal === SIGSTOP || !isOrphanedGroup(kernel, process.pgid)) {
        stopProcess(process, signal, task);
        return false;
      }
      continue;
    }
    kernel.report.signal(task, info, 'killed');
    endProcess(process, { kind: 'killed', signal }, task);
    return false;
  }
  task.needsAttention = false;
  task.isFaulting = false;
  restartCall(task);
  restoreMask(task);
  return true;
}

/** A handler is what the task goes on with, or SIGSEGV when its frame has no place. */
function handle(task: Task, info: SignalInfo, action: SignalAction): void {
  const { signal } = info;
  const { actions } = task.process;
  if (action.flags & SA_RESETHAND) actions.set(signal, { ...action, handler: SIG_DFL });
  endCall(task, action);
  if (!enterHandler(task, info, action)) {
    if (signal === SIGSEGV) actions.set(SIGSEGV, DEFAULT_SIGNAL_ACTION);
    forceSignal(task, { signal: SIGSEGV, code: SI_KERNEL, address: 0n });
    return;
  }
  task.isFaulting = false;
  task.savedMask = undefined;
  const own = action.flags & SA_NODEFER ? 0n : signalBit(signal);
  setBlocked(task, task.blockedSignals | action.mask | own);
}

/** A handler runs: the call that the signal has cut short begins again after it, or is over with EINTR. */
function endCall(task: Task, action: SignalAction): void {
  const { interruptedCall } = task;
  const restarts = action.flags & SA_RESTART ? [ERESTARTSYS, ERESTARTNOINTR] : [ERESTARTNOINTR];
  if (interruptedCall === undefined) return;
  if (restarts.includes(interruptedCall.error)) restartCall(task);
  else if (interruptedCall.error.number >= ERESTARTSYS.number) task.kernel.cpu.state.setReg(RAX, BigInt(-EINTR.number));
  task.interruptedCall = undefined;
}

/** No handler runs: a call that was cut short begins again, if it is one that does. */
function restartCall(task: Task): void {
  const { interruptedCall: call } = task;
  if (call === undefined) return;
  task.interruptedCall = undefined;
  const { state } = task.kernel.cpu;
  switch (call.error) {
    case ERESTARTNOHAND:
    case ERESTARTSYS:
    case ERESTARTNOINTR:
      state.setReg(RAX, BigInt(call.call.number));
      break;
    case ERESTART_RESTARTBLOCK:
      task.restart = call.call;
      state.setReg(RAX, SYS_RESTART_SYSCALL);
      break;
    default:
      return;
  }
  state.setU64(STATE.rip, state.rip - SYSCALL_BYTES);
}

// ---- faults -------------------------------------------------------------------------------------------------------

/** FPE_ codes by the first of the flags that is set: invalid, division by zero, overflow, underflow or denormal, precision. */
const FLOAT_CODES: readonly (readonly [flags: number, code: number])[] = [
  [0x01, FPE_FLTINV], [0x04, FPE_FLTDIV], [0x08, FPE_FLTOVF], [0x12, FPE_FLTUND], [0x20, FPE_FLTRES],
]; // biome-ignore format: a table

/** What of the exceptions that are flagged and not masked comes first (`fpu__exception_code`); undefined for none. */
const floatCode = (raised: number): number | undefined => FLOAT_CODES.find(([flags]) => raised & flags)?.[1];

/**
 * What Linux makes of a processor exception: arch/x86/kernel/traps.c. The address is that of the instruction, or none.
 * Undefined: nothing, as for a floating-point exception that is no longer there.
 */
export function signalOfException(task: Task, vector: ExceptionVector): SignalInfo | undefined {
  const { state } = task.kernel.cpu;
  const address = state.rip;
  switch (vector) {
    case 'DE':
      return { signal: SIGFPE, code: FPE_INTDIV, address };
    case 'MF': {
      const control = state.u32(STATE.x87);
      const code = floatCode((control >>> 16) & ~control & 0x3f);
      return code === undefined ? undefined : { signal: SIGFPE, code, address };
    }
    case 'XM': {
      const mxcsr = state.u32(STATE.mxcsr);
      const code = floatCode(mxcsr & ~(mxcsr >>> 7) & 0x3f);
      return code === undefined ? undefined : { signal: SIGFPE, code, address };
    }
    case 'UD':
      return { signal: SIGILL, code: ILL_ILLOPN, address };
    case 'DB':
      return { signal: SIGTRAP, code: TRAP_TRACE, address };
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
