/**
 * How threads and processes end, and how parents learn of it: exit(2), exit_group(2), wait4(2), kernel/exit.c. A process
 * ends with its last thread. Its children become those of the nearest subreaper, or of init, who waits for them at once.
 */
import { Errno } from '../../abi/errno.ts';
import { POLLHUP, READABLE } from '../../abi/poll.ts';
import { CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIG_IGN, SIGCHLD } from '../../abi/signal.ts';
import type { Ending } from '../../abi/wait.ts';
import { invariant } from '../../base/invariant.ts';
import { writeU32 } from '../mm/user-memory.ts';
import type { PendingCall } from '../syscalls/define.ts';
import { notifyParent } from './child-signal.ts';
import { futexKey } from './futex.ts';
import { releaseOrphanedGroups, stopIsComplete } from './job-control.ts';
import type { Process } from './process.ts';
import { markRobustList } from './robust-list.ts';
import { fromKernel, sendToProcess } from './signal.ts';
import type { Task } from './task.ts';
import { addUsage, type Usage } from './usage.ts';

/** A task that has ended has no registers. */
const NO_CONTEXT = new Uint8Array(0);

/** Ends a process with all its threads: exit_group(2), a signal. The first thread goes last, as a tracer sees it. */
export function endProcess(process: Process, ending: Ending, self: Task): void {
  process.ending ??= ending;
  const { leader } = process;
  for (const task of process.liveThreads()) if (task !== leader && task !== self) endThread(task, process.ending);
  if (self !== leader && self.isAlive()) endThread(self, process.ending);
  if (leader.isAlive()) endThread(leader, process.ending);
}

/** A call that will never go on gives back what it holds, and passes on what it has been woken for. */
export function abandonCall({ blocked }: PendingCall): void {
  if (blocked === undefined) return;
  if (typeof blocked.interrupted === 'function') blocked.interrupted();
  if (blocked.isExclusive) for (const queue of blocked.queues) queue.wakeUp();
}

/** Ends one thread: exit(2). With the last one the process ends, as `ending` says unless somebody has ended all of it. */
export function endThread(task: Task, ending: Ending): void {
  const { kernel, process } = task;
  kernel.report.exit(task, ending);
  kernel.scheduler.remove(task);
  if (task.call !== undefined) abandonCall(task.call);
  task.call = undefined;
  task.pending.discard(~0n);
  task.ignoredSignals.length = 0;
  releaseWaiters(task);
  task.state = 'zombie';
  kernel.unload(task);
  task.context = NO_CONTEXT;
  task.releaseMemory();
  task.files.release();

  const [heir] = process.liveThreads();
  handOverChildren(task, heir);
  const isLeader = task === process.leader;
  if (!isLeader) {
    process.threads.splice(process.threads.indexOf(task), 1);
    task.state = 'gone';
    kernel.forgetTask(task);
  }
  if (heir === undefined) {
    process.ending ??= ending;
    finish(process);
  } else stopIsComplete(process);
}

/** Others learn that a thread gives up its memory: locks that it holds are marked; CLONE_CHILD_CLEARTID. */
export function releaseWaiters(task: Task): void {
  const { kernel, clearChildTid } = task;
  markRobustList(task);
  kernel.futexes.leave(task);
  task.clearChildTid = 0n;
  if (clearChildTid === 0n || task.mm.users === 1) return;
  if (writeU32(task.mm, clearChildTid, 0) !== undefined) return;
  const key = futexKey(task, clearChildTid, false);
  if (!(key instanceof Errno)) kernel.futexes.wake(key, 1);
}

/** Children of a thread go to another of its process, or to whoever takes orphans. */
function handOverChildren(task: Task, heir: Task | undefined): void {
  const { process } = task;
  if (heir === undefined) releaseOrphanedGroups(process);
  const reaper = heir === undefined ? subreaperOf(process) : process;
  for (const child of [...process.children]) {
    if (child.parentThread !== task) continue;
    for (const thread of child.threads)
      if (thread.parentDeathSignal !== 0) sendToProcess(child, fromKernel(thread.parentDeathSignal));
    child.parentThread = heir ?? reaper?.liveThreads()[0];
    if (reaper === process) continue;
    process.children.splice(process.children.indexOf(child), 1);
    child.parent = reaper;
    reaper?.children.push(child);
    child.exitSignal = SIGCHLD;
    if (child.state === 'zombie') reportEnd(child);
  }
}

/** The nearest ancestor that has said it takes orphans; undefined for init. */
function subreaperOf(process: Process): Process | undefined {
  for (let at = process.parent; at !== undefined; at = at.parent) if (at.isSubreaper && at.isAlive()) return at;
  return undefined;
}

/** The last thread has ended. */
function finish(process: Process): void {
  invariant(process.ending !== undefined, 'a process ends in some way');
  process.state = 'zombie';
  process.kernel.sem.undoAll(process);
  for (const timer of process.intervalTimers) timer?.cancel();
  process.posixTimers?.deleteAll();
  process.pending.discard(~0n);
  process.ended.wakeAll(READABLE);
  if (process.session.id === process.pid) process.session.terminal?.leaderEnded();
  reportEnd(process);
}

/** Tells the parent of a zombie, or reaps it when the parent does not want to know. */
function reportEnd(process: Process): void {
  const { parent, ending, exitSignal } = process;
  if (parent === undefined) {
    reap(process);
    return;
  }
  const action = parent.actions.get(SIGCHLD);
  const isIgnored = exitSignal === SIGCHLD && action.handler === SIG_IGN;
  const isUnwanted = exitSignal === SIGCHLD && (isIgnored || (action.flags & SA_NOCLDWAIT) !== 0n);
  if (exitSignal !== 0 && !isIgnored) {
    const how = ending!;
    const exited = how.kind === 'exited';
    notifyParent(
      process,
      exitSignal,
      exited ? CLD_EXITED : CLD_KILLED,
      how.kind === 'exited' ? how.status & 0xff : how.signal,
    );
  }
  if (isUnwanted) reap(process, false);
  parent.childChanged.wakeAll();
}

/** The last trace of a zombie goes: its parent has its status, and counts what it used; `counts`: if it waited for it. */
export function reap(process: Process, counts = true): void {
  const { parent, leader, kernel } = process;
  process.state = 'gone';
  process.ended.wakeAll(READABLE | POLLHUP);
  leader.state = 'gone';
  if (parent !== undefined) {
    parent.children.splice(parent.children.indexOf(process), 1);
    if (counts) parent.waitedFor = addUsage(parent.waitedFor, usageWithChildren(process));
  }
  kernel.forgetTask(leader);
  kernel.forget(process);
}

/** What wait4(2) reports of a child: its own use, and that of the children that it has waited for. */
export const usageWithChildren = (process: Process): Usage => addUsage(process.usage, process.waitedFor);
