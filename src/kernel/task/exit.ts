/** How a process ends, and how its parent learns of it: exit_group(2), wait4(2), kernel/exit.c. */
import { CLD_EXITED, CLD_KILLED, SIGCHLD } from '../../abi/signal.ts';
import { NS_PER_SECOND } from '../../abi/structs.ts';
import type { Ending } from '../../abi/wait.ts';
import { writeU32 } from '../mm/user-memory.ts';
import { sendSignal } from './signal.ts';
import type { Task, Usage } from './task.ts';

export const USER_ID = 1000;
/** A task that has ended has no registers. */
const NO_CONTEXT = new Uint8Array(0);
/** USER_HZ: what times in siginfo_t and times(2) are counted in. */
const CLOCK_TICKS = 100;

/**
 * Ends a task: its memory goes, its children become init's, it stays as a zombie until its parent waits for it. A task
 * whose parent is init is waited for at once.
 */
export function endTask(task: Task, ending: Ending): void {
  const { kernel } = task;
  task.ending = ending;
  kernel.report.exit(task, ending);
  kernel.scheduler.remove(task);
  task.call = undefined;
  task.pending.length = 0;
  if (task.clearChildTid !== 0n && task.mm.users > 1) writeU32(task.mm, task.clearChildTid, 0);
  task.state = 'zombie';
  kernel.unload(task);
  task.context = NO_CONTEXT;
  task.releaseMemory();
  task.files.closeAll();

  for (const child of task.children.splice(0)) {
    child.parent = undefined;
    if (child.state === 'zombie') reap(child);
  }
  if (task.parent === undefined) {
    reap(task);
    return;
  }
  sendSignal(task.parent, childSignal(task, ending));
  task.parent.childEnded.wakeAll();
}

/** The last trace of a zombie goes: its parent has its status. */
export function reap(task: Task): void {
  task.state = 'gone';
  const { parent } = task;
  if (parent !== undefined) {
    parent.children.splice(parent.children.indexOf(task), 1);
    parent.waitedFor = sum(parent.waitedFor, usageWithChildren(task));
  }
  task.kernel.forget(task);
}

const sum = (x: Usage, y: Usage): Usage => ({
  instructions: x.instructions + y.instructions,
  minorFaults: x.minorFaults + y.minorFaults,
});

/** What wait4(2) reports of a child: its own use, and that of the children that it has waited for. */
export const usageWithChildren = (task: Task): Usage => sum(task, task.waitedFor);

function childSignal(task: Task, ending: Ending) {
  const exited = ending.kind === 'exited';
  return {
    signal: SIGCHLD,
    code: exited ? CLD_EXITED : CLD_KILLED,
    pid: task.pid,
    uid: USER_ID,
    status: exited ? ending.status & 0xff : ending.signal,
    utime: Math.floor((task.instructions * CLOCK_TICKS) / NS_PER_SECOND),
  };
}
