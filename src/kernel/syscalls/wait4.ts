/** wait4(2): kernel/exit.c (`kernel_wait4`). */
import { ECHILD, EFAULT, EINVAL, ERESTARTSYS, ESRCH } from '../../abi/errno.ts';
import { WALL, WCLONE, WCONTINUED, WNOHANG, WNOTHREAD, WUNTRACED, waitStatus } from '../../abi/wait.ts';
import { copyOut, writeU32 } from '../mm/user-memory.ts';
import { reap, usageWithChildren } from '../task/exit.ts';
import type { Task } from '../task/task.ts';
import { outWaitRusage, outWaitStatus, pid, waitOptions } from './args/processes.ts';
import { Blocked, syscall } from './define.ts';
import { rusageBytes } from './getrusage.ts';

const OPTIONS = (WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WCLONE | WALL) >>> 0;
const INT_MIN = -0x8000_0000;

/** wait4(2). ECHILD: no child that fits. EINVAL: unknown options. EFAULT comes after the child is gone, as on Linux. */
export const wait4 = syscall({
  number: 61,
  name: 'wait4',
  args: { pid, status: outWaitStatus, options: waitOptions, rusage: outWaitRusage },
  support: { missing: 'stopped and continued children, every field of rusage but ru_utime and ru_minflt' },
  run(task, { pid, status, options, rusage }) {
    if (options & ~OPTIONS) return EINVAL;
    if (pid === INT_MIN) return ESRCH;
    // Every child here sends SIGCHLD, so none is a "clone" child.
    const onlyClones = (options & WCLONE) !== 0 && (options & WALL) === 0;
    const candidates = onlyClones ? [] : task.children.filter((child) => fits(child, pid, task));
    if (candidates.length === 0) return ECHILD;
    const ended = candidates.find((child) => child.state === 'zombie');
    if (ended === undefined) return options & WNOHANG ? 0 : new Blocked(task.childEnded, undefined, ERESTARTSYS);
    reap(ended);
    if (status !== 0n && writeU32(task.mm, status, waitStatus(ended.ending!)) !== undefined) return EFAULT;
    if (rusage !== 0n && copyOut(task.mm, rusage, rusageBytes(usageWithChildren(ended))) !== undefined) return EFAULT;
    return ended.pid;
  },
});

/** Which children `pid` means: that one, those of a process group, or all. */
function fits(child: Task, pid: number, parent: Task): boolean {
  if (pid > 0) return child.pid === pid;
  if (pid === -1) return true;
  return child.pgid === (pid === 0 ? parent.pgid : -pid);
}
