/** waitid(2): kernel/exit.c (`kernel_waitid`). */
import { EAGAIN, EBADF, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { siginfoBytes } from '../../abi/siginfo.ts';
import { CLD_CONTINUED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD } from '../../abi/signal.ts';
import { changeStatus, P_ALL, P_PGID, P_PID, P_PIDFD, WALL, WCLONE, WCONTINUED, WEXITED, WNOHANG, WNOTHREAD, WNOWAIT, WSTOPPED } from '../../abi/wait.ts'; // biome-ignore format: one line
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { type ChildReport, type ChildSelector, waitForChild } from '../task/wait.ts';
import { PidFile } from '../vfs/pid-file.ts';
import { outWaitRusage, pid, waitIdType, waitOptions } from './args/processes.ts';
import { outWaitSiginfo } from './args/signals.ts';
import { Blocked, syscall } from './define.ts';
import { rusageBytes } from './getrusage.ts';

const OPTIONS = (WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | WNOTHREAD | WCLONE | WALL) >>> 0;
const CODES = { exited: CLD_EXITED, killed: CLD_KILLED, stopped: CLD_STOPPED, continued: CLD_CONTINUED } as const;

/** waitid(2). ECHILD. EINVAL: unknown options, nothing to wait for, no such number. With WNOHANG and nothing, zeros. */
export const waitid = syscall({
  number: 247,
  name: 'waitid',
  args: { type: waitIdType, id: pid, info: outWaitSiginfo, options: waitOptions, rusage: outWaitRusage },
  support: 'full',
  run(task, { type, id, info, options, rusage }) {
    const report = wait(task, type, id, options);
    if (report instanceof Blocked) return report;
    const found = report instanceof Errno ? undefined : report;
    if (found !== undefined && rusage !== 0n && copyOut(task.mm, rusage, rusageBytes(found.usage))) return EFAULT;
    // Whatever comes of it is stored, nothing as zeros.
    if (info !== 0n && copyOut(task.mm, info, infoBytes(found)) !== undefined) return EFAULT;
    return report instanceof Errno ? report : 0;
  },
});

function wait(task: Task, type: number, id: number, options: number): ReturnType<typeof waitForChild> {
  if (options & ~OPTIONS || !(options & (WEXITED | WSTOPPED | WCONTINUED))) return EINVAL;
  const selects = selectorOf(task, type, id);
  if (selects instanceof Errno) return selects;
  const report = waitForChild(task, selects, options);
  const isPatient = type !== P_PIDFD || !task.files.find(id)!.isNonBlocking;
  return report instanceof Blocked && !isPatient ? EAGAIN : report;
}

function selectorOf(task: Task, type: number, id: number): ChildSelector | Errno {
  switch (type) {
    case P_ALL:
      return () => true;
    case P_PID:
      return id > 0 ? (child) => child.pid === id : EINVAL;
    case P_PGID: {
      if (id < 0) return EINVAL;
      const pgid = id === 0 ? task.process.pgid : id;
      return (child) => child.pgid === pgid;
    }
    case P_PIDFD: {
      if (id < 0) return EINVAL;
      const file = task.files.find(id);
      return file instanceof PidFile ? (child) => child === file.process : EBADF;
    }
    default:
      return EINVAL;
  }
}

/** The fields that waitid(2) fills; the rest of siginfo_t it leaves as it was. */
const FILLED_BYTES = 28;

function infoBytes(report: ChildReport | undefined): Uint8Array {
  if (report === undefined) return new Uint8Array(FILLED_BYTES);
  const { child, change, uid } = report;
  const info = { signal: SIGCHLD, code: CODES[change.kind], pid: child.pid, uid, status: changeStatus(change) };
  return siginfoBytes(info).subarray(0, FILLED_BYTES);
}
