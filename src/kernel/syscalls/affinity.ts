/** sched_setaffinity(2) and sched_getaffinity(2): kernel/sched/syscalls.c. There is one processor, number 0. */
import { EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { INIT_PID, type Task } from '../task/task.ts';
import { size32 } from './args/numbers.ts';
import { inCpuSet, outCpuSet, pid } from './args/processes.ts';
import { syscall } from './define.ts';

/** Of the kernel's own set of processors: one word. */
const SET_BYTES = 8;

/** sched_setaffinity(2). EINVAL: processor 0 is not in the set. ESRCH: no such process. EPERM: init. EFAULT. */
export const schedSetaffinity = syscall({
  number: 203,
  name: 'sched_setaffinity',
  args: { pid, size: size32, set: inCpuSet },
  support: 'full',
  run(task, { pid, size, set }) {
    const bytes = copyIn(task.mm, set, Math.min(size, SET_BYTES));
    if (bytes instanceof Errno) return bytes;
    if (pid === INIT_PID) return EPERM;
    if (findTarget(task, pid) === undefined) return ESRCH;
    return bytes.length > 0 && bytes[0] & 1 ? 0 : EINVAL;
  },
});

/** sched_getaffinity(2): how many bytes were filled. EINVAL: room for less than a word, or not for whole words. */
export const schedGetaffinity = syscall({
  number: 204,
  name: 'sched_getaffinity',
  args: { pid, size: size32, set: outCpuSet },
  support: 'full',
  run(task, { pid, size, set }) {
    if (size === 0 || size % SET_BYTES !== 0) return EINVAL;
    if (pid !== INIT_PID && findTarget(task, pid) === undefined) return ESRCH;
    return copyOut(task.mm, set, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)) ?? SET_BYTES;
  },
});

const findTarget = (task: Task, pid: number): Task | undefined => (pid === 0 ? task : task.kernel.findTask(pid));
