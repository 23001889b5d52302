/**
 * Processes that stop and go on: kernel/signal.c (`do_signal_stop`), setpgid(2), credentials(7). A process is stopped when
 * all of its threads are; each does so when it next would go to user mode.
 */
import { CLD_CONTINUED, CLD_STOPPED, SA_NOCLDSTOP, SIGCHLD, SIGCONT, SIGHUP } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import { notifyParent } from './child-signal.ts';
import type { Process } from './process.ts';
import { fromKernel, sendToGroup } from './signal.ts';
import type { Task } from './task.ts';

/** The running task has taken a stop signal: it stops, and its process with it. */
export function stopProcess(process: Process, signal: number, task: Task): void {
  process.stopSignal = signal;
  for (const other of process.liveThreads()) {
    if (other === task || other.state === 'stopped') continue;
    other.mustStop = true;
    other.needsAttention = true;
    if (other.call?.blocked?.interrupted !== undefined) process.kernel.scheduler.wake(other);
  }
  stopTask(task);
}

/** The running task stops; the last of its process tells the parent. */
export function stopTask(task: Task): void {
  const { kernel, process } = task;
  task.mustStop = false;
  kernel.report.stopped(task, process.stopSignal);
  kernel.suspend(task);
  stopIsComplete(process);
}

/** Whether the stop that is under way has come to its end, which the parent then learns of. */
export function stopIsComplete(process: Process): void {
  if (process.stopSignal === 0 || process.liveThreads().some((task) => task.state !== 'stopped')) return;
  if (process.isStopped || process.liveThreads().length === 0) return;
  process.isStopped = true;
  process.unreportedChange = 'stopped';
  tellParent(process, CLD_STOPPED, process.stopSignal);
}

/** SIGCONT was sent: whatever is stopped, or about to, goes on. */
export function continueProcess(process: Process): void {
  const { scheduler } = process.kernel;
  const wasStopped = process.isStopped;
  const wasStopping = process.stopSignal !== 0;
  const signal = process.stopSignal;
  process.isStopped = false;
  process.stopSignal = 0;
  for (const task of process.threads) {
    task.mustStop = false;
    scheduler.unpark(task);
  }
  if (wasStopped) {
    process.unreportedChange = 'continued';
    tellParent(process, CLD_CONTINUED, SIGCONT);
  } else if (wasStopping) {
    tellParent(process, CLD_STOPPED, signal);
  }
}

function tellParent(process: Process, code: number, status: number): void {
  const { parent } = process;
  if (parent === undefined) return;
  if (!(parent.actions.get(SIGCHLD).flags & SA_NOCLDSTOP)) notifyParent(process, SIGCHLD, code, status);
  parent.childChanged.wakeAll();
}

/**
 * Whether no process of a group has a parent outside the group but in its session: nobody there would continue it.
 * `without`: as if this process had ended.
 */
export function isOrphanedGroup(kernel: Kernel, pgid: number, without?: Process): boolean {
  return !kernel
    .processes()
    .some(
      (process) =>
        process !== without &&
        process.pgid === pgid &&
        process.isAlive() &&
        process.parent !== undefined &&
        process.parent.pgid !== pgid &&
        process.parent.session === process.session,
    );
}

/** A process ends or moves: groups that are orphaned by that, and have stopped members, get SIGHUP and SIGCONT. */
export function releaseOrphanedGroups(process: Process): void {
  const { kernel, parent } = process;
  const release = (pgid: number): void => {
    const members = kernel.processes().filter((other) => other.pgid === pgid);
    if (!members.some((other) => other.isStopped && other !== process) || !isOrphanedGroup(kernel, pgid, process))
      return;
    sendToGroup(members, pgid, fromKernel(SIGHUP));
    sendToGroup(members, pgid, fromKernel(SIGCONT));
  };
  if (parent !== undefined && parent.pgid !== process.pgid && parent.session === process.session) release(process.pgid);
  for (const child of process.children)
    if (child.pgid !== process.pgid && child.session === process.session) release(child.pgid);
}
