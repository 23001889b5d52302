/** setpgid(2), setsid(2), getsid(2): kernel/sys.c. */
import { EACCES, EINVAL, EPERM, ESRCH } from '../../abi/errno.ts';
import { INIT_PID } from '../task/process.ts';
import { Session } from '../task/session.ts';
import { pid } from './args/processes.ts';
import { syscall } from './define.ts';

/**
 * setpgid(2). EINVAL: a negative group. ESRCH: neither the caller nor a child of it. EPERM: a session leader, another
 * session, no such group there. EACCES: the child runs another program by now.
 */
export const setpgid = syscall({
  number: 109,
  name: 'setpgid',
  args: { pid, pgid: pid },
  support: 'full',
  run(task, { pid, pgid }) {
    const { process, kernel } = task;
    const group = pgid === 0 ? pid || process.pid : pgid;
    if (group < 0) return EINVAL;
    const target = pid === 0 ? process : kernel.findProcess(pid);
    if (target === undefined) return kernel.findTask(pid) === undefined ? ESRCH : EINVAL;
    if (target.parent === process) {
      if (target.session !== process.session) return EPERM;
      if (target.hasExecuted) return EACCES;
    } else if (target !== process) return ESRCH;
    if (target.session.id === target.pid) return EPERM;
    if (group !== target.pid) {
      const isThere = kernel.processes().some((other) => other.pgid === group && other.session === process.session);
      if (!isThere) return EPERM;
    }
    target.pgid = group;
    return 0;
  },
});

/** setsid(2): a session of its own, with a group of its own and no terminal. EPERM: it leads a group already. */
export const setsid = syscall({
  number: 112,
  name: 'setsid',
  args: {},
  support: 'full',
  run({ process, kernel }) {
    const isTaken = kernel.processes().some((other) => other.pgid === process.pid);
    if (process.session.id === process.pid || isTaken) return EPERM;
    process.session = new Session(process.pid);
    process.pgid = process.pid;
    return process.pid;
  },
});

/** getsid(2). ESRCH: no such process. */
export const getsid = syscall({
  number: 124,
  name: 'getsid',
  args: { pid },
  support: 'full',
  run(task, { pid }) {
    if (pid === INIT_PID) return INIT_PID;
    const target = pid === 0 ? task : task.kernel.findTask(pid);
    return target?.process.session.id ?? ESRCH;
  },
});
