/** epoll_create(2), epoll_ctl(2), epoll_wait(2) and their kin: fs/eventpoll.c. */

import {
  EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLL_CTL_NAMES, EPOLL_EVENT_BYTES, EPOLLEXCLUSIVE, EXCLUSIVE_ALLOWED,
} from '../../abi/epoll.ts'; // biome-ignore format: a list
import { EBADF, EFAULT, EINTR, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC } from '../../abi/fcntl.ts';
import { copyIn, copyOut, isUserRange } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { EpollFile } from '../vfs/epoll-file.ts';
import { fd } from './args/files.ts';
import { i32, u32 } from './args/kind.ts';
import { int, size } from './args/numbers.ts';
import { inEpollEvent, outEpollEvents } from './args/readiness.ts';
import { inSigset } from './args/signals.ts';
import { flagsText, named, pointer } from './args/text.ts';
import { inTimespec } from './args/time.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';
import { applyMask } from './temporary-mask.ts';
import { type Deadline, deadlineOfMs, isOver, readDeadline, wakeUpTime } from './timeout.ts';

const createFlags = u32((flags) => flagsText(flags, { EPOLL_CLOEXEC: O_CLOEXEC }, 'EPOLL_???'));
const operation = i32((value) => named(value, EPOLL_CTL_NAMES, 'EPOLL_CTL_???'));
const ctlEvent: typeof inEpollEvent = {
  ...inEpollEvent,
  print: (event, call, next) =>
    call.args.operation === EPOLL_CTL_DEL ? pointer(event) : inEpollEvent.print(event, call, next),
};
const MAX_EVENTS = Math.floor(0x7fff_ffff / EPOLL_EVENT_BYTES);

const create = (task: Task, flags: number): number | Errno => {
  return task.files.install(new EpollFile(), (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
};

/** epoll_create(2). EINVAL: a size that is not positive; it means nothing else. EMFILE. */
export const epollCreate = syscall({
  number: 213,
  name: 'epoll_create',
  args: { size: int },
  support: 'full',
  run: (task, { size }) => (size <= 0 ? EINVAL : create(task, 0)),
});

/** epoll_create1(2). EINVAL: unknown flags. */
export const epollCreate1 = syscall({
  number: 291,
  name: 'epoll_create1',
  args: { flags: createFlags },
  support: 'full',
  run: (task, { flags }) => (flags & ~O_CLOEXEC ? EINVAL : create(task, flags)),
});

/** epoll_ctl(2). EFAULT comes first, then EBADF, EPERM: a file that is always ready; EINVAL, ELOOP, EEXIST, ENOENT. */
export const epollCtl = syscall({
  number: 233,
  name: 'epoll_ctl',
  args: { epfd: fd, operation, fd, event: ctlEvent },
  support: { missing: 'the limits on how many wake-ups one file may cause; EPOLLWAKEUP is ignored' },
  run(task, { epfd, operation, fd, event }) {
    const bytes = operation === EPOLL_CTL_DEL ? new Uint8Array(EPOLL_EVENT_BYTES) : copyIn(task.mm, event, EPOLL_EVENT_BYTES); // biome-ignore format: one line
    if (bytes instanceof Errno) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const events = view.getUint32(0, true);
    const data = view.getBigUint64(4, true);
    const epoll = task.files.find(epfd);
    const file = task.files.find(fd);
    if (epoll === undefined || file === undefined) return EBADF;
    if (file.pollQueues() === undefined) return EPERM;
    if (!(epoll instanceof EpollFile) || epoll === file) return EINVAL;
    if ((events & EPOLLEXCLUSIVE) !== 0) {
      if (operation === EPOLL_CTL_MOD) return EINVAL;
      if (operation === EPOLL_CTL_ADD && (events & ~EXCLUSIVE_ALLOWED) !== 0) return EINVAL;
    }
    switch (operation) {
      case EPOLL_CTL_ADD:
        return epoll.add(file, fd, events, data) ?? 0;
      case EPOLL_CTL_MOD:
        return epoll.modify(file, fd, events, data) ?? 0;
      case EPOLL_CTL_DEL:
        return epoll.delete(file, fd) ?? 0;
      default:
        return EINVAL;
    }
  },
});

/** epoll_wait(2). EINVAL: not an epoll, or a bad number of events. EFAULT, EBADF. EINTR: never restarted. */
export const epollWait = syscall({
  number: 232,
  name: 'epoll_wait',
  args: { epfd: fd, events: outEpollEvents, most: int, timeout: int },
  support: 'full',
  run: (task, args, call) => wait(task, args, call, () => deadlineOfMs(task, args.timeout)),
});

/** epoll_pwait(2). EINVAL: also a mask of another size. */
export const epollPwait = syscall({
  number: 281,
  name: 'epoll_pwait',
  args: { epfd: fd, events: outEpollEvents, most: int, timeout: int, mask: inSigset, size },
  support: 'full',
  run(task, args, call) {
    const error = call.memo === undefined ? applyMask(task, args.mask, args.size) : undefined;
    if (error !== undefined) return error;
    return wait(task, args, call, () => deadlineOfMs(task, args.timeout));
  },
});

/** epoll_pwait2(2). */
export const epollPwait2 = syscall({
  number: 441,
  name: 'epoll_pwait2',
  args: { epfd: fd, events: outEpollEvents, most: int, timeout: inTimespec, mask: inSigset, size },
  support: 'full',
  run(task, args, call) {
    let deadline: Deadline | Errno = 'now';
    if (call.memo === undefined) {
      deadline = readDeadline(task, args.timeout, 'timespec');
      if (deadline instanceof Errno) return deadline;
      const error = applyMask(task, args.mask, args.size);
      if (error !== undefined) return error;
    }
    return wait(task, args, call, () => deadline as Deadline);
  },
});

/** What a wait keeps while it sleeps. */
class EpollWait {
  readonly epoll: EpollFile;
  readonly deadline: Deadline;
  constructor(epoll: EpollFile, deadline: Deadline) {
    this.epoll = epoll;
    this.deadline = deadline;
  }
}

function wait(
  task: Task,
  { epfd, events, most }: { epfd: number; events: bigint; most: number },
  call: PendingCall,
  begin: () => Deadline,
): SyscallResult {
  if (call.memo === undefined) {
    if (most <= 0 || most > MAX_EVENTS) return EINVAL;
    if (!isUserRange(events, BigInt(most * EPOLL_EVENT_BYTES))) return EFAULT;
    const file = task.files.find(epfd);
    if (file === undefined) return EBADF;
    if (!(file instanceof EpollFile)) return EINVAL;
    call.memo = new EpollWait(file, begin());
  }
  const { epoll, deadline } = call.memo as EpollWait;
  const count = epoll.take(most, (i, bytes) => copyOut(task.mm, events + BigInt(i * EPOLL_EVENT_BYTES), bytes) === undefined); // biome-ignore format: one line
  if (count !== 0 || isOver(task, deadline)) return count;
  return new Blocked(epoll.waiters, wakeUpTime(deadline), EINTR, true);
}
