/** Who am I: getpid(2), getppid(2), gettid(2), getuid(2), getgid(2), getpgrp(2), set_tid_address(2). */
import { USER_ID } from '../task/exit.ts';
import type { Task } from '../task/task.ts';
import { type Syscall, syscall } from './define.ts';

const identity = (number: number, name: string, of: (task: Task) => number): Syscall =>
  syscall({ number, name, args: {}, support: 'full', run: of });

export const getpid = identity(39, 'getpid', (task) => task.pid);
export const getppid = identity(110, 'getppid', (task) => task.parentPid);
export const gettid = identity(186, 'gettid', (task) => task.pid);
export const getpgrp = identity(111, 'getpgrp', (task) => task.pgid);
export const getuid = identity(102, 'getuid', () => USER_ID);
export const getgid = identity(104, 'getgid', () => USER_ID);
export const geteuid = identity(107, 'geteuid', () => USER_ID);
export const getegid = identity(108, 'getegid', () => USER_ID);

export const setTidAddress = syscall({
  number: 218,
  name: 'set_tid_address',
  args: { tidptr: 'addr' },
  support: 'full',
  run(task, { tidptr }) {
    task.clearChildTid = tidptr;
    return task.pid;
  },
});
