/** Who am I: getpid(2), getppid(2), gettid(2), getuid(2), getgid(2), getpgrp(2), getpgid(2), set_tid_address(2). */
import { ESRCH } from '../../abi/errno.ts';
import { INIT_PID, type Task } from '../task/task.ts';
import { addr } from './args/numbers.ts';
import { pid } from './args/processes.ts';
import { type Syscall, syscall } from './define.ts';

const identity = (number: number, name: string, of: (task: Task) => number): Syscall =>
  syscall({ number, name, args: {}, support: 'full', run: of });

export const getpid = identity(39, 'getpid', (task) => task.pid);
export const getppid = identity(110, 'getppid', (task) => task.process.parentPid);
export const gettid = identity(186, 'gettid', (task) => task.tid);
export const getpgrp = identity(111, 'getpgrp', (task) => task.process.pgid);
/** getpgid(2): of a process, also of a zombie; 0 means the caller. ESRCH: there is no such process. */
export const getpgid = syscall({
  number: 121,
  name: 'getpgid',
  args: { pid },
  support: 'full',
  run(task, { pid }) {
    if (pid === 0) return task.process.pgid;
    if (pid === INIT_PID) return INIT_PID; // the leader of a group of its own
    return task.kernel.findTask(pid)?.process.pgid ?? ESRCH;
  },
});
export const getuid = identity(102, 'getuid', (task) => task.credentials.uid);
export const getgid = identity(104, 'getgid', (task) => task.credentials.gid);
export const geteuid = identity(107, 'geteuid', (task) => task.credentials.euid);
export const getegid = identity(108, 'getegid', (task) => task.credentials.egid);

export const setTidAddress = syscall({
  number: 218,
  name: 'set_tid_address',
  args: { tidptr: addr },
  support: 'full',
  run(task, { tidptr }) {
    task.clearChildTid = tidptr;
    return task.tid;
  },
});
