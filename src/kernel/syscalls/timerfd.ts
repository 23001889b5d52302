/** timerfd_create(2), timerfd_settime(2), timerfd_gettime(2): fs/timerfd.c. */
import { EBADF, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { NS_PER_SECOND, pairBytes, readPair } from '../../abi/structs.ts';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME, TIMER_ABSTIME } from '../../abi/time.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { TimerFile, type TimerSetting } from '../vfs/timer-file.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { flagsText } from './args/text.ts';
import { clock, inItimerspec, outItimerspec } from './args/time.ts';
import { syscall } from './define.ts';
import { kernelTime } from './time.ts';

const CLOCK_REALTIME_ALARM = 8;
const CLOCK_BOOTTIME_ALARM = 9;
const TFD_TIMER_CANCEL_ON_SET = 2;
const ITIMERSPEC_BYTES = 32;
const createFlags = u32((flags) => flagsText(flags, { TFD_CLOEXEC: O_CLOEXEC, TFD_NONBLOCK: O_NONBLOCK }, 'TFD_???'));
const setFlags = u32((flags) =>
  flagsText(flags, { TFD_TIMER_ABSTIME: TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET }, 'TFD_???'),
);

/** timerfd_create(2). EINVAL: another clock, unknown flags. EPERM: a clock that wakes a sleeping machine. EMFILE. */
export const timerfdCreate = syscall({
  number: 283,
  name: 'timerfd_create',
  args: { clock, flags: createFlags },
  support: 'full',
  run(task, { clock, flags }) {
    if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return EINVAL;
    if (clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM) return EPERM;
    if (![CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME].includes(clock)) return EINVAL;
    const file = new TimerFile(task.kernel, clock, flags & O_NONBLOCK);
    return task.files.install(file, (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
  },
});

/** timerfd_settime(2). EFAULT; EINVAL: unknown flags, a bad time, not a timer. EBADF. The clock is never set, so never cancels. */
export const timerfdSettime = syscall({
  number: 286,
  name: 'timerfd_settime',
  args: { fd, flags: setFlags, value: inItimerspec, old: outItimerspec },
  support: 'full',
  run(task, { fd, flags, value, old }) {
    const bytes = copyIn(task.mm, value, ITIMERSPEC_BYTES);
    if (bytes instanceof Errno) return bytes;
    const interval = readPair(bytes);
    const first = readPair(bytes, 16);
    if (flags & ~(TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) || !isTime(interval) || !isTime(first)) return EINVAL;
    const file = find(task, fd);
    if (file instanceof Errno) return file;
    const before = file.setting;
    const isSet = first.first !== 0n || first.second !== 0n;
    const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
    const at = isAbsolute
      ? kernelTime(task.kernel, file.clock, first.first, first.second)
      : task.kernel.now() + nanoseconds(first);
    file.set(isSet ? at : undefined, nanoseconds(interval));
    return old === 0n ? 0 : (copyOut(task.mm, old, settingBytes(before)) ?? 0);
  },
});

/** timerfd_gettime(2). EBADF; EINVAL: not a timer. EFAULT. */
export const timerfdGettime = syscall({
  number: 287,
  name: 'timerfd_gettime',
  args: { fd, value: outItimerspec },
  support: 'full',
  run(task, { fd, value }) {
    const file = find(task, fd);
    return file instanceof Errno ? file : (copyOut(task.mm, value, settingBytes(file.setting)) ?? 0);
  },
});

type Time = ReturnType<typeof readPair>;
const isTime = ({ first, second }: Time): boolean => first >= 0n && second >= 0n && second < BigInt(NS_PER_SECOND);
const nanoseconds = ({ first, second }: Time): number => Number(first * BigInt(NS_PER_SECOND) + second);

function find(task: Task, fd: number): TimerFile | Errno {
  const file = task.files.find(fd);
  if (file === undefined) return EBADF;
  return file instanceof TimerFile ? file : EINVAL;
}

function settingBytes({ interval, left }: TimerSetting): Uint8Array {
  const bytes = new Uint8Array(ITIMERSPEC_BYTES);
  for (const [i, ns] of [interval, left].entries())
    bytes.set(pairBytes(Math.floor(ns / NS_PER_SECOND), ns % NS_PER_SECOND), 16 * i);
  return bytes;
}
