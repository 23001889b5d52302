/** wait4(2): kernel/exit.c (`kernel_wait4`). */
import { EFAULT, EINVAL, Errno, ESRCH } from '../../abi/errno.ts';
import { WALL, WCLONE, WCONTINUED, WEXITED, WNOHANG, WNOTHREAD, WUNTRACED, waitStatus } from '../../abi/wait.ts';
import { copyOut, writeU32 } from '../mm/user-memory.ts';
import type { Process } from '../task/process.ts';
import { waitForChild } from '../task/wait.ts';
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
  support: 'full',
  run(task, { pid, status, options, rusage }) {
    if (options & ~OPTIONS) return EINVAL;
    if (pid === INT_MIN) return ESRCH;
    const report = waitForChild(task, (child) => fits(child, pid, task.process), options | WEXITED);
    if (report === undefined) return 0;
    if (report instanceof Errno || report instanceof Blocked) return report;
    if (rusage !== 0n && copyOut(task.mm, rusage, rusageBytes(report.usage)) !== undefined) return EFAULT;
    if (status !== 0n && writeU32(task.mm, status, waitStatus(report.change)) !== undefined) return EFAULT;
    return report.child.pid;
  },
});

/** Which children `pid` means: that one, those of a process group, or all. */
function fits(child: Process, pid: number, parent: Process): boolean {
  if (pid > 0) return child.pid === pid;
  if (pid === -1) return true;
  return child.pgid === (pid === 0 ? parent.pgid : -pid);
}
