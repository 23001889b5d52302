/** select(2) and pselect6(2): fs/select.c. */
import { EBADF, EFAULT, EINVAL, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLNVAL, POLLPRI, POLLRDBAND, POLLWRBAND, READABLE, WRITABLE } from '../../abi/poll.ts';
import { readPair } from '../../abi/structs.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { queuesOf, readiness } from '../vfs/readiness.ts';
import { int } from './args/numbers.ts';
import { fdsIn, inFdSet, remainingText } from './args/readiness.ts';
import { inSigsetPair } from './args/signals.ts';
import { inTimespec, inTimeval, timespecText, timevalText } from './args/time.ts';
import { Blocked, type CallView, type Interruption, type PendingCall, type SyscallResult, syscall } from './define.ts';
import { applyMask } from './temporary-mask.ts';
import { type Deadline, isOver, readDeadline, wakeUpTime, writeRemaining } from './timeout.ts';

/** What each of the three sets asks for: POLLIN_SET, POLLOUT_SET, POLLEX_SET. */
const MEANINGS = [
  READABLE | POLLRDBAND | POLLHUP | POLLERR | POLLNVAL,
  WRITABLE | POLLWRBAND | POLLERR | POLLNVAL,
  POLLPRI | POLLNVAL,
] as const;
const SET_NAMES = ['in', 'out', 'except'] as const;

interface FdSet {
  readonly address: bigint;
  readonly asked: Uint8Array;
  readonly meaning: number;
}

/** What a select keeps while it sleeps. */
class Select {
  readonly sets: readonly FdSet[];
  readonly fds: readonly number[];
  readonly deadline: Deadline;
  constructor(sets: readonly FdSet[], fds: readonly number[], deadline: Deadline) {
    this.sets = sets;
    this.fds = fds;
    this.deadline = deadline;
  }
}

interface SelectArgs {
  readonly count: number;
  readonly readfds: bigint;
  readonly writefds: bigint;
  readonly exceptfds: bigint;
  readonly timeout: bigint;
}

/** select(2). EBADF: a descriptor that is not open. EINVAL: a negative count, or a bad timeout. EFAULT. */
export const select = syscall({
  number: 23,
  name: 'select',
  args: { count: int, readfds: inFdSet, writefds: inFdSet, exceptfds: inFdSet, timeout: inTimeval },
  support: 'full',
  resultNote: (args, result, call) => readyText(args, result, call, timevalText),
  run: (task, args, call) => waitForSets(task, args, call, 'timeval'),
});

/** pselect6(2): the last argument points to a pointer to the mask, and its size. EINVAL: another size than 8. */
export const pselect6 = syscall({
  number: 270,
  name: 'pselect6',
  args: {
    count: int,
    readfds: inFdSet,
    writefds: inFdSet,
    exceptfds: inFdSet,
    timeout: inTimespec,
    mask: inSigsetPair,
  },
  support: 'full',
  resultNote: (args, result, call) => readyText(args, result, call, timespecText),
  run(task, args, call) {
    let mask = { address: 0n, size: 0n };
    if (call.memo === undefined && args.mask !== 0n) {
      const pair = copyIn(task.mm, args.mask, 16);
      if (pair instanceof Errno) return pair;
      const { first: address, second: size } = readPair(pair);
      mask = { address, size };
    }
    return waitForSets(task, args, call, 'timespec', mask);
  },
});

function waitForSets(
  task: Task,
  args: SelectArgs,
  call: PendingCall,
  unit: 'timespec' | 'timeval',
  mask = { address: 0n, size: 0n },
): SyscallResult {
  const { timeout } = args;
  if (call.memo === undefined) {
    const deadline = readDeadline(task, timeout, unit);
    if (deadline instanceof Errno) return deadline;
    const error = applyMask(task, mask.address, mask.size);
    if (error !== undefined) return error;
    const begun = begin(task, args, deadline);
    if (begun instanceof Errno) {
      writeRemaining(task, timeout, deadline, unit);
      return begun;
    }
    call.memo = begun;
  }
  const under = call.memo as Select;
  const finish = () => writeRemaining(task, timeout, under.deadline, unit);
  const result = look(task, under, () => {
    finish();
    return ERESTARTNOHAND;
  });
  if (!(result instanceof Blocked)) finish();
  return result;
}

function begin(task: Task, args: SelectArgs, deadline: Deadline): Select | Errno {
  if (args.count < 0) return EINVAL;
  const count = Math.min(args.count, task.files.capacity);
  const length = Math.ceil(count / 64) * 8;
  const sets: FdSet[] = [];
  for (const [i, address] of [args.readfds, args.writefds, args.exceptfds].entries()) {
    if (address === 0n) continue;
    const asked = copyIn(task.mm, address, length);
    if (asked instanceof Errno) return asked;
    sets.push({ address, asked, meaning: MEANINGS[i] });
  }
  const fds: number[] = [];
  for (let fd = 0; fd < count; fd++) {
    if (!sets.some(({ asked }) => isIn(asked, fd))) continue;
    if (task.files.find(fd) === undefined) return EBADF;
    fds.push(fd);
  }
  return new Select(sets, fds, deadline);
}

const isIn = (set: Uint8Array, fd: number): boolean => (set[fd >> 3] & (1 << (fd & 7))) !== 0;

function look(task: Task, { sets, fds, deadline }: Select, interrupted: Interruption): SyscallResult {
  const found = sets.map(({ asked }) => new Uint8Array(asked.length));
  let count = 0;
  for (const fd of fds) {
    const ready = readiness(task, fd, -1);
    for (const [i, { asked, meaning }] of sets.entries()) {
      if (!isIn(asked, fd) || (ready & meaning) === 0) continue;
      found[i][fd >> 3] |= 1 << (fd & 7);
      count++;
    }
  }
  if (count === 0 && !isOver(task, deadline))
    return new Blocked(queuesOf(task, fds), wakeUpTime(deadline), interrupted);
  for (const [i, { address }] of sets.entries()) if (copyOut(task.mm, address, found[i])) return EFAULT;
  return count;
}

/** `2 (in [3], out [4], left {tv_sec=0, tv_usec=999998})`. */
function readyText(
  args: SelectArgs,
  result: bigint,
  call: CallView,
  timeText: (bytes: Uint8Array) => string,
): string | undefined {
  if (result === 0n) return '0 (Timeout)';
  const parts: string[] = [];
  for (const [i, address] of [args.readfds, args.writefds, args.exceptfds].entries()) {
    const fds = address === 0n ? undefined : fdsIn(address, args.count, call.peek);
    if (fds !== undefined && fds.length > 0) parts.push(`${SET_NAMES[i]} [${fds.join(' ')}]`);
  }
  const left = remainingText(args.timeout, call, timeText);
  if (left !== '') parts.push(left);
  return `${result} (${parts.join(', ')})`;
}
