/** sched_setscheduler(2), sched_setparam(2), sched_setattr(2), sched_get_priority_max(2), sched_rr_get_interval(2): kernel/sched/syscalls.c. */
import { E2BIG, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { RLIMIT_NICE, RLIMIT_RTPRIO } from '../../abi/resource.ts';
import { pairBytes } from '../../abi/structs.ts';
import { copyIn, copyOut, writeU32 } from '../mm/user-memory.ts';
import { CAP_SYS_NICE, hasCapability } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { viewOf } from './args/kind.ts';
import { hexInt, size32 } from './args/numbers.ts';
import { inSchedAttr, inSchedParam, outSchedAttr, outSchedParam, pid, schedPolicy } from './args/processes.ts';
import { policyName } from './args/scheduling.ts';
import { outTimespec } from './args/time.ts';
import { syscall } from './define.ts';

export const SCHED_OTHER = 0, SCHED_FIFO = 1, SCHED_RR = 2, SCHED_BATCH = 3, SCHED_IDLE = 5, SCHED_DEADLINE = 6, SCHED_EXT = 7; // biome-ignore format: one line
const SCHED_RESET_ON_FORK = 0x4000_0000;
const KEEP_POLICY = -1;
const MAX_RT_PRIORITY = 99;
/** struct sched_attr: its first version, and with the bounds of utilisation. */
const ATTR_BYTES_MIN = 48, ATTR_BYTES = 56; // biome-ignore format: one line
/** What a fair task gets at a time on a machine of one processor. */
const BASE_SLICE_NS = 700_000n;
const PAGE = 4096;

const isRealTime = (policy: number): boolean => policy === SCHED_FIFO || policy === SCHED_RR;
const EFFECT = { missing: 'an effect on who runs: all are served in turn' };

function targetOf(task: Task, pid: number): Task | Errno {
  if (pid < 0) return EINVAL;
  return (pid === 0 ? task : task.kernel.findTask(pid)) ?? ESRCH;
}

/** What both ways of setting come to. EINVAL: no such policy, a priority that it does not have. EPERM. */
function change(task: Task, target: Task, wanted: number, priority: number, nice?: number): 0 | Errno {
  const resets = wanted !== KEEP_POLICY && (wanted & SCHED_RESET_ON_FORK) !== 0;
  const policy = wanted === KEEP_POLICY ? target.schedPolicy : wanted & ~SCHED_RESET_ON_FORK;
  if (![SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE].includes(policy)) return EINVAL;
  if (isRealTime(policy) ? priority < 1 || priority > MAX_RT_PRIORITY : priority !== 0) return EINVAL;
  const { euid } = task.credentials;
  if (!hasCapability(task.credentials, CAP_SYS_NICE)) {
    const { limits } = target.process;
    const mayBe = (value: number): boolean => BigInt(20 - value) <= limits[RLIMIT_NICE].soft;
    if (nice !== undefined && nice < target.nice && !mayBe(nice)) return EPERM;
    if (isRealTime(policy) && limits[RLIMIT_RTPRIO].soft === 0n && policy !== target.schedPolicy) return EPERM;
    if (isRealTime(policy) && priority > target.rtPriority && BigInt(priority) > limits[RLIMIT_RTPRIO].soft)
      return EPERM;
    if (target.schedPolicy === SCHED_IDLE && policy !== SCHED_IDLE && !mayBe(target.nice)) return EPERM;
    if (target.credentials.uid !== euid && target.credentials.euid !== euid) return EPERM;
    if (target.resetsOnFork && !resets && wanted !== KEEP_POLICY) return EPERM;
  }
  target.schedPolicy = policy;
  target.rtPriority = priority;
  if (wanted !== KEEP_POLICY) target.resetsOnFork = resets;
  if (nice !== undefined) target.nice = Math.max(-20, Math.min(19, nice));
  return 0;
}

/** sched_setscheduler(2). EINVAL, ESRCH, EPERM, EFAULT. */
export const schedSetscheduler = syscall({
  number: 144,
  name: 'sched_setscheduler',
  args: { pid, policy: schedPolicy, param: inSchedParam },
  support: EFFECT,
  run: (task, { pid, policy, param }) => (policy < 0 ? EINVAL : setParam(task, pid, policy, param)),
});

/** sched_setparam(2). */
export const schedSetparam = syscall({
  number: 142,
  name: 'sched_setparam',
  args: { pid, param: inSchedParam },
  support: EFFECT,
  run: (task, { pid, param }) => setParam(task, pid, KEEP_POLICY, param),
});

function setParam(task: Task, pid: number, policy: number, address: bigint): 0 | Errno {
  if (address === 0n || pid < 0) return EINVAL;
  const bytes = copyIn(task.mm, address, 4);
  if (bytes instanceof Errno) return bytes;
  const target = targetOf(task, pid);
  return target instanceof Errno ? target : change(task, target, policy, viewOf(bytes).getInt32(0, true));
}

/** sched_getscheduler(2). EINVAL, ESRCH. */
export const schedGetscheduler = syscall({
  number: 145,
  name: 'sched_getscheduler',
  args: { pid },
  support: 'full',
  resultNote: (_args, result) =>
    `${result >= 0x4000_0000n ? `0x${result.toString(16)}` : result} (${policyName(Number(result))})`,
  run(task, { pid }) {
    const target = targetOf(task, pid);
    if (target instanceof Errno) return target;
    return target.schedPolicy | (target.resetsOnFork ? SCHED_RESET_ON_FORK : 0);
  },
});

/** sched_getparam(2). EINVAL, ESRCH, EFAULT. */
export const schedGetparam = syscall({
  number: 143,
  name: 'sched_getparam',
  args: { pid, param: outSchedParam },
  support: 'full',
  run(task, { pid, param }) {
    if (param === 0n) return EINVAL;
    const target = targetOf(task, pid);
    return target instanceof Errno ? target : (writeU32(task.mm, param, target.rtPriority) ?? 0);
  },
});

/** sched_setattr(2). EINVAL, E2BIG: fields that are not there are not zero; the size is then what there is. EPERM, ESRCH. */
export const schedSetattr = syscall({
  number: 314,
  name: 'sched_setattr',
  args: { pid, attr: inSchedAttr, flags: hexInt },
  support: EFFECT,
  run(task, { pid, attr, flags }) {
    if (attr === 0n || pid < 0 || flags !== 0) return EINVAL;
    const head = copyIn(task.mm, attr, 4);
    if (head instanceof Errno) return head;
    const size = viewOf(head).getUint32(0, true) || ATTR_BYTES_MIN;
    if (size < ATTR_BYTES_MIN || size > PAGE) return writeU32(task.mm, attr, ATTR_BYTES) ?? E2BIG;
    const bytes = copyIn(task.mm, attr, size);
    if (bytes instanceof Errno) return bytes;
    if (bytes.subarray(ATTR_BYTES).some((byte) => byte !== 0)) return writeU32(task.mm, attr, ATTR_BYTES) ?? E2BIG;
    const view = viewOf(bytes);
    const [policy, options, nice, priority] = [view.getInt32(4, true), view.getBigUint64(8, true), view.getInt32(16, true), view.getUint32(20, true)]; // biome-ignore format: one line
    if (policy < 0 || options & ~1n) return EINVAL;
    const target = targetOf(task, pid);
    if (target instanceof Errno) return target;
    return change(
      task,
      target,
      policy | (options & 1n ? SCHED_RESET_ON_FORK : 0),
      priority,
      isRealTime(policy) ? undefined : nice,
    );
  },
});

/** sched_getattr(2). EINVAL: a size that is too small, flags. ESRCH, EFAULT. */
export const schedGetattr = syscall({
  number: 315,
  name: 'sched_getattr',
  args: { pid, attr: outSchedAttr, size: size32, flags: hexInt },
  support: 'full',
  run(task, { pid, attr, size, flags }) {
    if (attr === 0n || pid < 0 || size > PAGE || size < ATTR_BYTES_MIN || flags !== 0) return EINVAL;
    const target = targetOf(task, pid);
    if (target instanceof Errno) return target;
    const length = Math.min(size, ATTR_BYTES);
    const bytes = new Uint8Array(ATTR_BYTES);
    const view = viewOf(bytes);
    view.setUint32(0, length, true);
    view.setUint32(4, target.schedPolicy, true);
    view.setBigUint64(8, target.resetsOnFork ? 1n : 0n, true);
    if (isRealTime(target.schedPolicy)) view.setUint32(20, target.rtPriority, true);
    else {
      view.setInt32(16, target.nice, true);
      view.setBigUint64(24, BASE_SLICE_NS, true);
    }
    return copyOut(task.mm, attr, bytes.subarray(0, length)) ?? 0;
  },
});

/** sched_get_priority_max(2). EINVAL: no such policy. */
export const schedGetPriorityMax = syscall({
  number: 146,
  name: 'sched_get_priority_max',
  args: { policy: schedPolicy },
  support: 'full',
  run: (_task, { policy }) => priorityBound(policy, MAX_RT_PRIORITY),
});

/** sched_get_priority_min(2). EINVAL: no such policy. */
export const schedGetPriorityMin = syscall({
  number: 147,
  name: 'sched_get_priority_min',
  args: { policy: schedPolicy },
  support: 'full',
  run: (_task, { policy }) => priorityBound(policy, 1),
});

function priorityBound(policy: number, ofRealTime: number): number | Errno {
  if (isRealTime(policy)) return ofRealTime;
  return [SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE, SCHED_EXT].includes(policy) ? 0 : EINVAL;
}

/** sched_rr_get_interval(2): less than a tick for those that are served fairly. EINVAL, ESRCH, EFAULT. */
export const schedRrGetInterval = syscall({
  number: 148,
  name: 'sched_rr_get_interval',
  args: { pid, interval: outTimespec },
  support: 'full',
  run(task, { pid, interval }) {
    const target = targetOf(task, pid);
    return target instanceof Errno ? target : (copyOut(task.mm, interval, pairBytes(0, 0)) ?? 0);
  },
});
