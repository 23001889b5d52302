/** kill(2), tkill(2) and tgkill(2): kernel/signal.c. */
import { EINVAL, EPERM, type Errno, ESRCH } from '../../abi/errno.ts';
import { SI_TKILL, SIGCONT, SIGNAL_MAX } from '../../abi/signal.ts';
import { CAP_KILL, hasCapability } from '../task/credentials.ts';
import { INIT_PID, type Process } from '../task/process.ts';
import { fromTask, sendSignal, sendToProcess } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { pid } from './args/processes.ts';
import { signal } from './args/signals.ts';
import { type SyscallResult, syscall } from './define.ts';

export const isSignal = (signal: number): boolean => signal >= 0 && signal <= SIGNAL_MAX;

/** kill(2). Signal 0 only asks whether somebody is there; a zombie is. EINVAL: no such signal. ESRCH: nobody. EPERM. */
export const kill = syscall({
  number: 62,
  name: 'kill',
  args: { pid, signal },
  support: 'full',
  run(task, { pid, signal }) {
    if (pid === INT_MIN) return ESRCH;
    if (pid === INIT_PID || pid === -INIT_PID) return isSignal(signal) ? EPERM : EINVAL;
    if (pid > 0) return sendTo(task, task.kernel.findTask(pid)?.process, signal);
    const targets = task.kernel.processes().filter((other) => isMeant(other, pid, task.process));
    if (targets.length === 0) return ESRCH;
    if (!isSignal(signal)) return EINVAL;
    // One that could be told is enough.
    const failures = targets.map((target) => sendTo(task, target, signal)).filter((failure) => failure !== 0);
    return failures.length === targets.length ? failures[0] : 0;
  },
});

const INT_MIN = -0x8000_0000;

function sendTo(task: Task, target: Process | undefined, signal: number): 0 | Errno {
  if (target === undefined) return ESRCH;
  const refused = signalRefused(task, target.leader, signal);
  if (refused !== undefined) return refused;
  if (signal !== 0) sendToProcess(target, fromTask(task, signal));
  return 0;
}

/** EINVAL: no such signal. EPERM: another user's, except for SIGCONT within a session. */
export function signalRefused(sender: Task, target: Task, signal: number): Errno | undefined {
  if (!isSignal(signal)) return EINVAL;
  const { uid, euid } = sender.credentials;
  const to = target.credentials;
  if (sender.process === target.process || hasCapability(sender.credentials, CAP_KILL)) return undefined;
  if ([to.uid, to.suid].some((id) => id === uid || id === euid)) return undefined;
  return signal === SIGCONT && sender.process.session === target.process.session ? undefined : EPERM;
}

function isMeant(other: Process, pid: number, sender: Process): boolean {
  if (pid === -1) return other !== sender;
  return other.pgid === (pid === 0 ? sender.pgid : -pid);
}

/** tgkill(2): to one thread of a process. EINVAL: numbers that cannot be, no such signal. ESRCH: no such thread. EPERM. */
export const tgkill = syscall({
  number: 234,
  name: 'tgkill',
  args: { tgid: pid, tid: pid, signal },
  support: 'full',
  run: (task, { tgid, tid, signal }) => (tgid <= 0 ? EINVAL : sendToThread(task, tgid, tid, signal)),
});

/** tkill(2), which does not say of which process. */
export const tkill = syscall({
  number: 200,
  name: 'tkill',
  args: { tid: pid, signal },
  support: 'full',
  run: (task, { tid, signal }) => sendToThread(task, undefined, tid, signal),
});

function sendToThread(task: Task, tgid: number | undefined, tid: number, signal: number): SyscallResult {
  if (tid <= 0) return EINVAL;
  if (tid === INIT_PID && (tgid ?? INIT_PID) === INIT_PID) return isSignal(signal) ? EPERM : EINVAL;
  const target = task.kernel.findTask(tid);
  if (target === undefined || (tgid !== undefined && target.pid !== tgid)) return ESRCH;
  const refused = signalRefused(task, target, signal);
  if (refused !== undefined) return refused;
  if (signal !== 0) sendSignal(target, fromTask(task, signal, SI_TKILL));
  return 0;
}
