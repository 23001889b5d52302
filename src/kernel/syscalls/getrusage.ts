/** getrusage(2): kernel/sys.c (`getrusage`, `k_getrusage`). wait4(2) fills the same structure. */
import { EINVAL } from '../../abi/errno.ts';
import { RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD } from '../../abi/resource.ts';
import { NS_PER_SECOND, RUSAGE_BYTES, RUSAGE_MINFLT, RUSAGE_UTIME } from '../../abi/structs.ts';
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Usage } from '../task/usage.ts';
import { outRusage, usageWho } from './args/processes.ts';
import { syscall } from './define.ts';

/** getrusage(2). EINVAL: unknown `who`. EFAULT. Children count once they have been waited for, with their own children. */
export const getrusage = syscall({
  number: 98,
  name: 'getrusage',
  args: { who: usageWho, usage: outRusage },
  support: { missing: 'every field but ru_utime and ru_minflt' },
  run(task, { who, usage }) {
    if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) return EINVAL;
    return copyOut(task.mm, usage, rusageBytes(usageOf(task, who))) ?? 0;
  },
});

const usageOf = (task: Task, who: number): Usage =>
  who === RUSAGE_CHILDREN ? task.process.waitedFor : who === RUSAGE_THREAD ? task.usage : task.process.usage;

/** struct rusage. Time is one nanosecond per instruction. */
export function rusageBytes({ instructions, minorFaults }: Usage): Uint8Array {
  const bytes = new Uint8Array(RUSAGE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(RUSAGE_UTIME, BigInt(Math.floor(instructions / NS_PER_SECOND)), true);
  view.setBigInt64(RUSAGE_UTIME + 8, BigInt(Math.floor((instructions % NS_PER_SECOND) / 1000)), true);
  view.setBigInt64(RUSAGE_MINFLT, BigInt(minorFaults), true);
  return bytes;
}
