/**
 * Clocks and sleep: clock_gettime(2), gettimeofday(2), time(2), nanosleep(2), clock_nanosleep(2), times(2). Time is virtual: one
 * nanosecond per retired instruction, and it jumps when everybody sleeps. Any run therefore sees the same times.
 */
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import { NS_PER_SECOND, pairBytes, readPair, TIMESPEC_BYTES } from '../../abi/structs.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_THREAD_CPUTIME_ID, TIMER_ABSTIME } from '../../abi/time.ts';
import type { Kernel } from '../kernel.ts';
import { copyIn, copyOut, writeU64 } from '../mm/user-memory.ts';
import { ticksOf } from '../task/child-signal.ts';
import { type Clock, findClock, nanosecondsAt, timestamp } from '../task/clocks.ts';
import type { Task } from '../task/task.ts';
import { Timer } from '../task/timers.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { addr } from './args/numbers.ts';
import {
  clock,
  inTimespec,
  inTimeval,
  outRemainder,
  outTime,
  outTimespec,
  outTimeval,
  outTms,
  timerFlags,
} from './args/time.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';

/** The kernel's time, in virtual nanoseconds, at which a clock that goes on while everybody sleeps shows this. */
export const kernelTime = ({ epoch }: Kernel, clock: number, seconds: bigint, nanoseconds: bigint): number =>
  Number((seconds - BigInt(clock === CLOCK_REALTIME ? epoch : 0)) * BigInt(NS_PER_SECOND) + nanoseconds);

/** clock_gettime(2). EINVAL: no such clock. EFAULT. */
export const clockGettime = syscall({
  number: 228,
  name: 'clock_gettime',
  args: { clock, time: outTimespec },
  support: 'full',
  run(task, { clock: number, time }) {
    const clock = findClock(task, number);
    if (clock === undefined || clock === 'dead') return EINVAL;
    const { seconds, nanoseconds } = timestamp(clock, clock.now());
    return copyOut(task.mm, time, pairBytes(seconds, nanoseconds)) ?? 0;
  },
});

/** clock_getres(2). EINVAL: no such clock. EFAULT. */
export const clockGetres = syscall({
  number: 229,
  name: 'clock_getres',
  args: { clock, time: outTimespec },
  support: 'full',
  run(task, { clock: number, time }) {
    const clock = findClock(task, number);
    if (clock === undefined || clock === 'dead') return EINVAL;
    return time === 0n ? 0 : (copyOut(task.mm, time, pairBytes(0, clock.resolution)) ?? 0);
  },
});

/** clock_settime(2). EINVAL: a clock that cannot be set, a time that cannot be. EPERM: for lack of CAP_SYS_TIME. EFAULT. */
export const clockSettime = syscall({
  number: 227,
  name: 'clock_settime',
  args: { clock, time: inTimespec },
  support: 'full',
  run(task, { clock: number, time }) {
    const isOfProcess = number < 0 && findClock(task, number) !== undefined;
    if (number !== CLOCK_REALTIME && !isOfProcess) return EINVAL;
    const bytes = copyIn(task.mm, time, TIMESPEC_BYTES);
    if (bytes instanceof Errno) return bytes;
    const { first, second } = readPair(bytes);
    const isTime = first >= 0n && second >= 0n && second < BigInt(NS_PER_SECOND);
    return isTime || isOfProcess ? EPERM : EINVAL;
  },
});

/** settimeofday(2). EPERM: for lack of CAP_SYS_TIME. EINVAL: a time that cannot be. EFAULT. */
export const settimeofday = syscall({
  number: 164,
  name: 'settimeofday',
  args: { time: inTimeval, zone: addr },
  support: 'full',
  run(task, { time, zone }) {
    if (time !== 0n) {
      const bytes = copyIn(task.mm, time, TIMESPEC_BYTES);
      if (bytes instanceof Errno) return bytes;
      const { first, second } = readPair(bytes);
      if (first < 0n || second < 0n || second > 1_000_000n) return EINVAL;
    }
    if (zone !== 0n && copyIn(task.mm, zone, 8) instanceof Errno) return EFAULT;
    return EPERM;
  },
});

/** times(2): processor time in ticks of 10 ms, and how many of them have passed. EFAULT. */
export const times = syscall({
  number: 100,
  name: 'times',
  args: { buffer: outTms },
  support: 'full',
  run(task, { buffer }) {
    const { usage, waitedFor } = task.process;
    const ticks = [usage.instructions, 0, waitedFor.instructions, 0].map((ns) => BigInt(ticksOf(ns)));
    const bytes = new Uint8Array(BigInt64Array.from(ticks).buffer);
    if (buffer !== 0n && copyOut(task.mm, buffer, bytes) !== undefined) return EFAULT;
    return ticksOf(task.kernel.now());
  },
});

export const gettimeofday = syscall({
  number: 96,
  name: 'gettimeofday',
  args: { time: outTimeval, zone: addr },
  support: 'full',
  run(task, { time, zone }) {
    const { seconds, nanoseconds } = task.kernel.realTime();
    if (time !== 0n && copyOut(task.mm, time, pairBytes(seconds, Math.floor(nanoseconds / 1000)))) return EFAULT;
    if (zone !== 0n && copyOut(task.mm, zone, new Uint8Array(8))) return EFAULT;
    return 0;
  },
});

export const time = syscall({
  number: 201,
  name: 'time',
  args: { time: outTime },
  support: 'full',
  run(task, { time }) {
    const { seconds } = task.kernel.realTime();
    if (time !== 0n && writeU64(task.mm, time, BigInt(seconds))) return EFAULT;
    return seconds;
  },
});

/** nanosleep(2). EINVAL: negative seconds, or nanoseconds that are not. A signal stores what is left. */
export const nanosleep = syscall({
  number: 35,
  name: 'nanosleep',
  args: { duration: inTimespec, remainder: outRemainder },
  support: 'full',
  run: (task, { duration, remainder }, call) =>
    (call.memo as Sleep | undefined)?.goOn() ?? beginSleep(task, call, CLOCK_MONOTONIC, 0, duration, remainder),
});

/** clock_nanosleep(2). EINVAL: also the caller's own processor time by its number. EOPNOTSUPP: a clock that can only be read. */
export const clockNanosleep = syscall({
  number: 230,
  name: 'clock_nanosleep',
  args: { clock, flags: timerFlags, duration: inTimespec, remainder: outRemainder },
  support: 'full',
  run: (task, { clock, flags, duration, remainder }, call) =>
    (call.memo as Sleep | undefined)?.goOn() ?? beginSleep(task, call, clock, flags, duration, remainder),
});

function beginSleep(
  task: Task,
  call: PendingCall,
  number: number,
  flags: number,
  duration: bigint,
  remainder: bigint,
): SyscallResult {
  const clock = findClock(task, number);
  if (clock === undefined) return EINVAL;
  if (number === CLOCK_THREAD_CPUTIME_ID) return EOPNOTSUPP;
  if (clock === 'dead' || (clock.timers() === undefined && clock.thread === undefined)) return EOPNOTSUPP;
  const bytes = copyIn(task.mm, duration, TIMESPEC_BYTES);
  if (bytes instanceof Errno) return bytes;
  const { first: seconds, second: nanoseconds } = readPair(bytes);
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= BigInt(NS_PER_SECOND)) return EINVAL;
  if (clock.thread === task) return EINVAL;
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
  const until = isAbsolute
    ? nanosecondsAt(clock, seconds, nanoseconds)
    : clock.now() + nanosecondsAt({ epoch: 0 }, seconds, nanoseconds);
  const sleep = new Sleep(task, clock, until, isAbsolute ? undefined : remainder);
  call.memo = sleep;
  return sleep.goOn();
}

/** A sleep until a time of a clock. */
class Sleep {
  private readonly _task: Task;
  private readonly _clock: Clock;
  private readonly _until: number;
  /** Where what is left goes when a signal cuts it short; undefined for one until a fixed time, which begins again. */
  private readonly _remainder: bigint | undefined;
  private readonly _over = new WaitQueue();
  private readonly _timer = new Timer(() => this._over.wakeAll());

  constructor(task: Task, clock: Clock, until: number, remainder: bigint | undefined) {
    this._task = task;
    this._clock = clock;
    this._until = until;
    this._remainder = remainder;
  }

  goOn(): SyscallResult {
    const timers = this._clock.timers()!;
    timers.cancel(this._timer);
    if (this._clock.now() >= this._until) return 0;
    if (timers === this._task.kernel.scheduler.timers) return new Blocked([], this._until, () => this._interrupted());
    timers.set(this._timer, this._until);
    return new Blocked(this._over, undefined, () => {
      timers.cancel(this._timer);
      return this._interrupted();
    });
  }

  private _interrupted(): Errno {
    if (this._remainder === undefined) return ERESTARTNOHAND;
    if (this._remainder === 0n) return ERESTART_RESTARTBLOCK;
    const left = timestamp({ epoch: 0 }, Math.max(0, this._until - this._clock.now()));
    const stored = copyOut(this._task.mm, this._remainder, pairBytes(left.seconds, left.nanoseconds));
    return stored === undefined ? ERESTART_RESTARTBLOCK : EFAULT;
  }
}
