/** rt_sigqueueinfo(2) and rt_tgsigqueueinfo(2): signals with a value. kernel/signal.c. */
import { EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { readSiginfo, SIGINFO_BYTES } from '../../abi/siginfo.ts';
import { SI_TKILL, type SignalInfo } from '../../abi/signal.ts';
import { copyIn } from '../mm/user-memory.ts';
import { INIT_PID } from '../task/process.ts';
import { sendSignal, sendToProcess } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { pid } from './args/processes.ts';
import { inSiginfo, signal } from './args/signals.ts';
import { syscall } from './define.ts';
import { signalRefused } from './kill.ts';

/** rt_sigqueueinfo(2). EPERM: a reason that only the kernel may give, to another process. ESRCH; EINVAL; EFAULT. */
export const rtSigqueueinfo = syscall({
  number: 129,
  name: 'rt_sigqueueinfo',
  args: { tgid: pid, signal, info: inSiginfo },
  support: 'full',
  run(task, { tgid, signal, info: address }) {
    const info = readInfo(task, address, signal);
    if (info instanceof Errno) return info;
    if (mayNotSay(info) && task.tid !== tgid) return EPERM;
    if (tgid === INIT_PID) return EPERM;
    const target = task.kernel.findTask(tgid);
    if (target === undefined) return ESRCH;
    const refused = signalRefused(task, target.process.leader, signal);
    if (refused !== undefined) return refused;
    if (signal !== 0) sendToProcess(target.process, info);
    return 0;
  },
});

/** rt_tgsigqueueinfo(2): to one thread. */
export const rtTgsigqueueinfo = syscall({
  number: 297,
  name: 'rt_tgsigqueueinfo',
  args: { tgid: pid, tid: pid, signal, info: inSiginfo },
  support: 'full',
  run(task, { tgid, tid, signal, info: address }) {
    const info = readInfo(task, address, signal);
    if (info instanceof Errno) return info;
    if (tid <= 0 || tgid <= 0) return EINVAL;
    if (mayNotSay(info) && task.tid !== tid) return EPERM;
    const target = task.kernel.findTask(tid);
    if (target === undefined || target.pid !== tgid) return ESRCH;
    const refused = signalRefused(task, target, signal);
    if (refused !== undefined) return refused;
    if (signal !== 0) sendSignal(target, info);
    return 0;
  },
});

/** si_signo is the call's, whatever the program has put there. */
function readInfo(task: Task, address: bigint, signal: number): SignalInfo | Errno {
  const bytes = copyIn(task.mm, address, SIGINFO_BYTES);
  return bytes instanceof Errno ? bytes : { ...readSiginfo(bytes), signal };
}

/** What kill(2), tgkill(2) and the kernel say. */
const mayNotSay = ({ code }: SignalInfo): boolean => code >= 0 || code === SI_TKILL;
