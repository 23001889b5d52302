/** How a parent finds children that have ended, stopped or gone on: wait4(2), waitid(2), kernel/exit.c (`do_wait`). */
import { ECHILD, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import { SIGCHLD } from '../../abi/signal.ts';
import { type ChildChange, WALL, WCLONE, WCONTINUED, WEXITED, WNOHANG, WNOTHREAD, WNOWAIT, WSTOPPED } from '../../abi/wait.ts'; // biome-ignore format: one line
import { Blocked } from '../syscalls/define.ts';
import { reap, usageWithChildren } from './exit.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';
import { addUsage, type Usage } from './usage.ts';

/** Which children are meant. */
export type ChildSelector = (child: Process) => boolean;

/** What became of one of them. */
export interface ChildReport {
  readonly child: Process;
  readonly uid: number;
  readonly change: ChildChange;
  readonly usage: Usage;
}

/**
 * The first child, in order of birth, with something to report that `options` (W) ask for; reported once, unless WNOWAIT.
 * Undefined: none yet, and WNOHANG. ECHILD: there is none that could ever.
 */
export function waitForChild(
  task: Task,
  selects: ChildSelector,
  options: number,
): ChildReport | undefined | Blocked | Errno {
  const { process } = task;
  const candidates = process.children.filter((child) => isEligible(child, task, options) && selects(child));
  if (candidates.length === 0) return ECHILD;
  for (const child of candidates) {
    const change = changeOf(child, options);
    if (change === undefined) continue;
    const usage = change.kind === 'exited' || change.kind === 'killed' ? usageWithChildren(child) : addUsage(child.usage, child.waitedFor); // biome-ignore format: one line
    const report: ChildReport = { child, change, usage, uid: child.leader.credentials.uid };
    if (options & WNOWAIT) return report;
    if (child.state === 'zombie') reap(child);
    else child.unreportedChange = undefined;
    return report;
  }
  if (options & WNOHANG) return undefined;
  return new Blocked(process.childChanged, undefined, ERESTARTSYS);
}

/** "Clone" children send something else than SIGCHLD when they end, or nothing. */
function isEligible(child: Process, task: Task, options: number): boolean {
  if (options & WNOTHREAD && child.parentThread !== task) return false;
  return (options & WALL) !== 0 || (child.exitSignal !== SIGCHLD) === ((options & WCLONE) !== 0);
}

function changeOf(child: Process, options: number): ChildChange | undefined {
  if (child.state === 'zombie') return options & WEXITED ? child.ending : undefined;
  if (child.unreportedChange === 'stopped' && options & WSTOPPED) return { kind: 'stopped', signal: child.stopSignal };
  if (child.unreportedChange === 'continued' && options & WCONTINUED) return { kind: 'continued' };
  return undefined;
}
