/** kill(2) and tgkill(2): kernel/signal.c. There is one user, so permission fails for process 1 alone. */
import { EINVAL, EPERM, ESRCH } from '../../abi/errno.ts';
import { SI_TKILL, SI_USER, SIGNAL_MAX, type SignalInfo } from '../../abi/signal.ts';
import { USER_ID } from '../task/exit.ts';
import { sendSignal } from '../task/signal.ts';
import { INIT_PID, type Task } from '../task/task.ts';
import { pid } from './args/processes.ts';
import { signal } from './args/signals.ts';
import { syscall } from './define.ts';

const isSignal = (signal: number): boolean => signal >= 0 && signal <= SIGNAL_MAX;
const fromUser = (sender: Task, signal: number, code: number): SignalInfo => ({
  signal,
  code,
  pid: sender.pid,
  uid: USER_ID,
});

/** kill(2). Signal 0 only asks whether somebody is there; a zombie is. EINVAL: no such signal. ESRCH: nobody. */
export const kill = syscall({
  number: 62,
  name: 'kill',
  args: { pid, signal },
  support: { missing: 'stop signals, which are ignored' },
  run(task, { pid, signal }) {
    if (!isSignal(signal)) return EINVAL;
    if (pid === INIT_PID) return EPERM;
    const targets = task.kernel.processes().filter((other) => isMeant(other, pid, task));
    if (targets.length === 0) return ESRCH;
    if (signal !== 0) for (const target of targets) sendSignal(target, fromUser(task, signal, SI_USER));
    return 0;
  },
});

function isMeant(other: Task, pid: number, sender: Task): boolean {
  if (pid > 0) return other.pid === pid;
  if (pid === -1) return other !== sender;
  return other.pgid === (pid === 0 ? sender.pgid : -pid);
}

/** tgkill(2). A thread's number is its process's here. */
export const tgkill = syscall({
  number: 234,
  name: 'tgkill',
  args: { tgid: pid, tid: pid, signal },
  support: { missing: 'threads; stop signals' },
  run(task, { tgid, tid, signal }) {
    if (tgid <= 0 || tid <= 0 || !isSignal(signal)) return EINVAL;
    const target = task.kernel.processes().find((other) => other.pid === tid && tid === tgid);
    if (target === undefined) return ESRCH;
    if (signal !== 0) sendSignal(target, fromUser(task, signal, SI_TKILL));
    return 0;
  },
});
