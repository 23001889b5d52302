/** Timeouts of calls that wait for files: fs/select.c (`poll_select_set_timeout`, `poll_select_finish`). */
import { EINVAL, Errno } from '../../abi/errno.ts';
import { NS_PER_SECOND, pairBytes, readPair, TIMESPEC_BYTES } from '../../abi/structs.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';

const NS_PER_MS = 1_000_000;
const US_PER_SECOND = 1_000_000n;

/** When a wait ends: virtual nanoseconds. `never`: it does not. `now`: it does not begin. */
export type Deadline = number | 'never' | 'now';

const after = (task: Task, ns: number): Deadline => (ns === 0 ? 'now' : task.kernel.now() + ns);

export const deadlineOfMs = (task: Task, ms: number): Deadline => (ms < 0 ? 'never' : after(task, ms * NS_PER_MS));

/** A timespec, or for a null pointer no limit. EFAULT; EINVAL: negative, or a second and more of nanoseconds. */
export function readDeadline(task: Task, address: bigint, unit: 'timespec' | 'timeval'): Deadline | Errno {
  if (address === 0n) return 'never';
  const bytes = copyIn(task.mm, address, TIMESPEC_BYTES);
  if (bytes instanceof Errno) return bytes;
  let { first: seconds, second: rest } = readPair(bytes);
  if (unit === 'timeval') {
    seconds = BigInt.asIntN(64, seconds + rest / US_PER_SECOND);
    rest = (rest % US_PER_SECOND) * 1000n;
  }
  if (seconds < 0n || rest < 0n || rest >= BigInt(NS_PER_SECOND)) return EINVAL;
  return after(task, Number(seconds * BigInt(NS_PER_SECOND) + rest));
}

/** Stores what is left until a deadline, where there was one. An address that cannot be written is no error. */
export function writeRemaining(task: Task, address: bigint, deadline: Deadline, unit: 'timespec' | 'timeval'): void {
  if (typeof deadline !== 'number') return;
  const left = Math.max(0, deadline - task.kernel.now());
  const rest = left % NS_PER_SECOND;
  const seconds = Math.floor(left / NS_PER_SECOND);
  copyOut(task.mm, address, pairBytes(seconds, unit === 'timespec' ? rest : Math.floor(rest / 1000)));
}

export const isOver = (task: Task, deadline: Deadline): boolean =>
  deadline === 'now' || (deadline !== 'never' && task.kernel.now() >= deadline);

/** As `Blocked` takes it. */
export const wakeUpTime = (deadline: Deadline): number | undefined =>
  typeof deadline === 'number' ? deadline : undefined;
