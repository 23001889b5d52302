/** poll(2) and ppoll(2): fs/select.c. */
import { EFAULT, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import { POLLFD_BYTES } from '../../abi/poll.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { queuesOf, readiness } from '../vfs/readiness.ts';
import { int, size, size32 } from './args/numbers.ts';
import { inPollfds, remainingText, reventsText } from './args/readiness.ts';
import { inSigset } from './args/signals.ts';
import { inTimespec, timespecText } from './args/time.ts';
import { Blocked, type Interruption, type SyscallResult, syscall } from './define.ts';
import { applyMask } from './temporary-mask.ts';
import { type Deadline, deadlineOfMs, isOver, readDeadline, wakeUpTime, writeRemaining } from './timeout.ts';

/** What a poll keeps while it sleeps: the list as it was at the start, and when to stop. */
class Poll {
  readonly entries: DataView;
  readonly deadline: Deadline;
  constructor(entries: DataView, deadline: Deadline) {
    this.entries = entries;
    this.deadline = deadline;
  }
}

/** poll(2). EINVAL: more entries than descriptors may be open. EFAULT. */
export const poll = syscall({
  number: 7,
  name: 'poll',
  args: { fds: inPollfds, count: size32, timeout: int },
  support: 'full',
  resultNote: ({ fds, count }, result, call) =>
    result === 0n ? '0 (Timeout)' : `${result} (${reventsText(fds, count, call)})`,
  run(task, { fds, count, timeout }, call) {
    const under = (call.memo ??= begin(task, fds, count, deadlineOfMs(task, timeout)));
    return under instanceof Poll ? look(task, fds, under, ERESTART_RESTARTBLOCK) : (under as Errno);
  },
});

/** ppoll(2). The time that is left is stored. EINVAL: also a bad timeout, or a mask of another size. */
export const ppoll = syscall({
  number: 271,
  name: 'ppoll',
  args: { fds: inPollfds, count: size32, timeout: inTimespec, mask: inSigset, size },
  support: 'full',
  resultNote({ fds, count, timeout }, result, call) {
    const left = remainingText(timeout, call, timespecText);
    if (result === 0n) return '0 (Timeout)';
    return `${result} (${[reventsText(fds, count, call), left].filter(Boolean).join(', ')})`;
  },
  run(task, { fds, count, timeout, mask, size }, call) {
    if (call.memo === undefined) {
      const deadline = readDeadline(task, timeout, 'timespec');
      if (deadline instanceof Errno) return deadline;
      const error = applyMask(task, mask, size);
      if (error !== undefined) return error;
      const begun = begin(task, fds, count, deadline);
      if (begun instanceof Errno) {
        writeRemaining(task, timeout, deadline, 'timespec');
        return begun;
      }
      call.memo = begun;
    }
    const under = call.memo as Poll;
    const finish = () => writeRemaining(task, timeout, under.deadline, 'timespec');
    const result = look(task, fds, under, () => {
      finish();
      return ERESTARTNOHAND;
    });
    if (!(result instanceof Blocked)) finish();
    return result;
  },
});

function begin(task: Task, address: bigint, count: number, deadline: Deadline): Poll | Errno {
  if (count > descriptorLimit(task)) return EINVAL;
  const bytes = copyIn(task.mm, address, count * POLLFD_BYTES);
  if (bytes instanceof Errno) return bytes;
  return new Poll(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), deadline);
}

function look(task: Task, address: bigint, { entries, deadline }: Poll, interrupted: Interruption): SyscallResult {
  let count = 0;
  for (let at = 0; at < entries.byteLength; at += POLLFD_BYTES) {
    const fd = entries.getInt32(at, true);
    const ready = fd < 0 ? 0 : readiness(task, fd, entries.getUint16(at + 4, true));
    entries.setUint16(at + 6, ready, true);
    if (ready !== 0) count++;
  }
  if (count === 0 && !isOver(task, deadline)) {
    const fds = Array.from({ length: entries.byteLength / POLLFD_BYTES }, (_, i) =>
      entries.getInt32(i * POLLFD_BYTES, true),
    );
    return new Blocked(queuesOf(task, fds), wakeUpTime(deadline), interrupted);
  }
  for (let at = 0; at < entries.byteLength; at += POLLFD_BYTES) {
    const revents = new Uint8Array(entries.buffer, entries.byteOffset + at + 6, 2);
    if (copyOut(task.mm, address + BigInt(at + 6), revents) !== undefined) return EFAULT;
  }
  return count;
}
