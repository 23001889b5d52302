/** getrusage(2): kernel/sys.c (`getrusage`, `k_getrusage`). wait4(2) fills the same structure. */
import { EINVAL } from '../../abi/errno.ts';
import { RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD } from '../../abi/resource.ts';
import { NS_PER_SECOND, RUSAGE, RUSAGE_BYTES } from '../../abi/structs.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
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
  support: { missing: 'ru_stime; blocks read and written' },
  run(task, { who, usage }) {
    if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) return EINVAL;
    return copyOut(task.mm, usage, rusageBytes(usageOf(task, who))) ?? 0;
  },
});

function usageOf(task: Task, who: number): Usage {
  const { process } = task;
  if (who === RUSAGE_CHILDREN) return process.waitedFor;
  process.noteMemory(task.mm);
  return who === RUSAGE_THREAD ? { ...task.usage, maxResidentPages: process.usage.maxResidentPages } : process.usage;
}

/** struct rusage. Time is one nanosecond per instruction, all of it the user's; what Linux does not count stays 0. */
export function rusageBytes(usage: Usage): Uint8Array {
  const bytes = new Uint8Array(RUSAGE_BYTES);
  const view = new DataView(bytes.buffer);
  const set = (at: number, value: number): void => view.setBigInt64(at, BigInt(Math.floor(value)), true);
  set(RUSAGE.utime, usage.instructions / NS_PER_SECOND);
  set(RUSAGE.utime + 8, (usage.instructions % NS_PER_SECOND) / 1000);
  set(RUSAGE.maxrss, (usage.maxResidentPages * PAGE_SIZE) / 1024);
  set(RUSAGE.minflt, usage.minorFaults);
  set(RUSAGE.majflt, usage.majorFaults);
  set(RUSAGE.inblock, usage.blocksRead);
  set(RUSAGE.oublock, usage.blocksWritten);
  set(RUSAGE.nvcsw, usage.voluntarySwitches);
  set(RUSAGE.nivcsw, usage.involuntarySwitches);
  return bytes;
}
