/** getrlimit(2), setrlimit(2) and prlimit64(2): kernel/sys.c (`do_prlimit`). */
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { RLIMIT_BYTES, RLIMIT_COUNT, RLIMIT_CPU } from '../../abi/resource.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { watchCpuLimit } from '../task/cpu-limit.ts';
import type { ResourceLimit } from '../task/limits.ts';
import { INIT_PID, type Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { inRlimit, outRlimit, pid, resource } from './args/processes.ts';
import { syscall } from './define.ts';

const missing = 'an effect of RLIMIT_RSS, RLIMIT_LOCKS, RLIMIT_MSGQUEUE, RLIMIT_RTTIME';

/** getrlimit(2). EINVAL: no such resource. EFAULT. */
export const getrlimit = syscall({
  number: 97,
  name: 'getrlimit',
  args: { resource, limit: outRlimit },
  support: 'full',
  run: (task, { resource, limit }) => writeLimit(task, limit, exchange(task.process, resource, undefined)),
});

/** setrlimit(2). EINVAL: no such resource, or soft above hard. EPERM: hard above what it was. EFAULT. */
export const setrlimit = syscall({
  number: 160,
  name: 'setrlimit',
  args: { resource, limit: inRlimit },
  support: { missing },
  run(task, { resource, limit }) {
    const wanted = readLimit(task, limit);
    if (wanted instanceof Errno) return wanted;
    const before = exchange(task.process, resource, wanted);
    return before instanceof Errno ? before : 0;
  },
});

/** prlimit64(2): either half may be left out. ESRCH: no such process. EPERM: init's. */
export const prlimit64 = syscall({
  number: 302,
  name: 'prlimit64',
  args: { pid, resource, limit: inRlimit, old: outRlimit },
  support: { missing },
  run(task, { pid, resource, limit, old }) {
    const wanted = limit === 0n ? undefined : readLimit(task, limit);
    if (wanted instanceof Errno) return wanted;
    if (pid === INIT_PID) return EPERM;
    const target = pid === 0 ? task.process : task.kernel.findTask(pid)?.process;
    if (target === undefined) return ESRCH;
    const before = exchange(target, resource, wanted);
    if (before instanceof Errno) return before;
    return old === 0n ? 0 : writeLimit(task, old, before);
  },
});

/** Sets a limit if one is wanted; the result is what it was. */
function exchange(target: Process, resource: number, wanted: ResourceLimit | undefined): ResourceLimit | Errno {
  if (resource >= RLIMIT_COUNT) return EINVAL;
  const before = target.limits[resource];
  if (wanted === undefined) return before;
  if (wanted.soft > wanted.hard) return EINVAL;
  if (wanted.hard > before.hard) return EPERM;
  target.limits[resource] = wanted;
  if (resource === RLIMIT_CPU) watchCpuLimit(target);
  return before;
}

function readLimit(task: Task, address: bigint): ResourceLimit | Errno {
  const bytes = copyIn(task.mm, address, RLIMIT_BYTES);
  if (bytes instanceof Errno) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, RLIMIT_BYTES);
  return { soft: view.getBigUint64(0, true), hard: view.getBigUint64(8, true) };
}

function writeLimit(task: Task, address: bigint, limit: ResourceLimit | Errno): number | Errno {
  if (limit instanceof Errno) return limit;
  const bytes = new Uint8Array(new BigUint64Array([limit.soft, limit.hard]).buffer);
  return copyOut(task.mm, address, bytes) === undefined ? 0 : EFAULT;
}
