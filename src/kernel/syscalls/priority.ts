/** getpriority(2) and setpriority(2): kernel/sys.c. What is nice is kept and told; slices do not follow from it. */
import { EACCES, EINVAL, EPERM, type Errno, ESRCH } from '../../abi/errno.ts';
import { RLIMIT_NICE } from '../../abi/resource.ts';
import { CAP_SYS_NICE, hasCapability } from '../task/credentials.ts';
import { INIT_PID } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { int } from './args/numbers.ts';
import { pid, priorityKind } from './args/processes.ts';
import { syscall } from './define.ts';

const PRIO_PROCESS = 0, PRIO_PGRP = 1, PRIO_USER = 2; // biome-ignore format: one line
const LEAST_NICE = -20, MOST_NICE = 19; // biome-ignore format: one line

/** getpriority(2): 20 less the lowest nice value, so that it is never negative. ESRCH: nobody. EINVAL. */
export const getpriority = syscall({
  number: 140,
  name: 'getpriority',
  args: { which: priorityKind, who: pid },
  support: 'full',
  run(task, { which, who }) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return EINVAL;
    if (which === PRIO_PROCESS && who === INIT_PID) return 20;
    const targets = targetsOf(task, which, who);
    return targets.length === 0 ? ESRCH : 20 - Math.min(...targets.map(({ nice }) => nice));
  },
});

/** setpriority(2). ESRCH: nobody. EPERM: another user's. EACCES: nicer to itself than it may be. EINVAL. */
export const setpriority = syscall({
  number: 141,
  name: 'setpriority',
  args: { which: priorityKind, who: pid, priority: int },
  support: { missing: 'an effect on who runs for how long' },
  run(task, { which, who, priority }) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return EINVAL;
    if (which === PRIO_PROCESS && who === INIT_PID) return EPERM;
    const nice = Math.max(LEAST_NICE, Math.min(MOST_NICE, priority));
    const targets = targetsOf(task, which, who);
    if (targets.length === 0) return ESRCH;
    let result: number | Errno = 0;
    for (const target of targets) {
      const refused = setNice(task, target, nice);
      if (refused !== undefined) result = refused;
    }
    return result;
  },
});

function targetsOf(task: Task, which: number, who: number): Task[] {
  const { kernel, process, credentials } = task;
  if (which === PRIO_PROCESS) return [who === 0 ? task : kernel.findTask(who)].filter((one) => one?.isAlive() === true) as Task[]; // biome-ignore format: one line
  const all = kernel.processes().flatMap((other) => other.liveThreads());
  if (which === PRIO_PGRP) return all.filter((one) => one.process.pgid === (who === 0 ? process.pgid : who));
  const uid = who === 0 ? credentials.uid : who >>> 0;
  return all.filter((one) => one.credentials.uid === uid);
}

function setNice(task: Task, target: Task, nice: number): Errno | undefined {
  const { euid } = task.credentials;
  const isPrivileged = hasCapability(task.credentials, CAP_SYS_NICE);
  if (!isPrivileged && target.credentials.uid !== euid && target.credentials.euid !== euid) return EPERM;
  const isAllowed = BigInt(20 - nice) <= target.process.limits[RLIMIT_NICE].soft;
  if (nice < target.nice && !isPrivileged && !isAllowed) return EACCES;
  target.nice = nice;
  return undefined;
}
