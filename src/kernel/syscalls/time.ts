/**
 * Clocks and sleep: clock_gettime(2), gettimeofday(2), time(2), nanosleep(2), clock_nanosleep(2). Time is virtual: one
 * nanosecond per retired instruction, and it jumps when everybody sleeps. Any run therefore sees the same times.
 */
import { EFAULT, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import { NS_PER_SECOND, pairBytes, readPair, TIMESPEC_BYTES } from '../../abi/structs.ts';
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  CLOCK_THREAD_CPUTIME_ID,
  TIMER_ABSTIME,
  type Timestamp,
} from '../../abi/time.ts';
import { EPOCH } from '../epoch.ts';
import { copyIn, copyOut, writeU64 } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { addr } from './args/numbers.ts';
import { clock, inTimespec, outRemainder, outTime, outTimespec, outTimeval, timerFlags } from './args/time.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';

const timeOf = (ns: number): Timestamp => ({
  seconds: Math.floor(ns / NS_PER_SECOND),
  nanoseconds: ns % NS_PER_SECOND,
});

/** The kernel's time, in virtual nanoseconds, at which a clock that goes on while everybody sleeps shows this. */
export const kernelTime = (clock: number, seconds: bigint, nanoseconds: bigint): number =>
  Number((seconds - BigInt(clock === CLOCK_REALTIME ? EPOCH : 0)) * BigInt(NS_PER_SECOND) + nanoseconds);

function readClock(task: Task, clock: number): Timestamp | undefined {
  const now = task.kernel.now();
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return task.kernel.realTime();
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return timeOf(now);
    case CLOCK_PROCESS_CPUTIME_ID:
      return timeOf(task.process.usage.instructions);
    case CLOCK_THREAD_CPUTIME_ID:
      return timeOf(task.usage.instructions);
    default:
      return undefined;
  }
}

export const clockGettime = syscall({
  number: 228,
  name: 'clock_gettime',
  args: { clock, time: outTimespec },
  support: { missing: 'clocks of other processes, CLOCK_TAI and the alarm clocks' },
  run(task, { clock, time }) {
    const now = readClock(task, clock);
    if (now === undefined) return EINVAL;
    return copyOut(task.mm, time, pairBytes(now.seconds, now.nanoseconds)) ?? 0;
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

/** nanosleep(2). EINVAL: negative seconds, or nanoseconds that are not. A signal ends the process, so nothing remains. */
export const nanosleep = syscall({
  number: 35,
  name: 'nanosleep',
  args: { duration: inTimespec, remainder: outRemainder },
  support: 'full',
  run(task, { duration }, call) {
    const length = readDuration(task, duration);
    if (length instanceof Errno) return length;
    return sleepUntil(task, call, task.kernel.now() + length, ERESTART_RESTARTBLOCK);
  },
});

export const clockNanosleep = syscall({
  number: 230,
  name: 'clock_nanosleep',
  args: { clock, flags: timerFlags, duration: inTimespec, remainder: outRemainder },
  support: { missing: 'clocks of processor time' },
  run(task, { clock, flags, duration }, call) {
    const now = clock === CLOCK_THREAD_CPUTIME_ID ? undefined : readClock(task, clock);
    if (now === undefined || clock === CLOCK_PROCESS_CPUTIME_ID) return EINVAL;
    const length = readDuration(task, duration);
    if (length instanceof Errno) return length;
    const absolute = (flags & TIMER_ABSTIME) !== 0;
    const clockNow = now.seconds * NS_PER_SECOND + now.nanoseconds;
    const until = task.kernel.now() + (absolute ? Math.max(0, length - clockNow) : length);
    return sleepUntil(task, call, until, absolute ? ERESTARTNOHAND : ERESTART_RESTARTBLOCK);
  },
});

/** Nanoseconds, as a number: beyond 2^53 (104 days) they are rounded. */
function readDuration(task: Task, address: bigint): number | Errno {
  const bytes = copyIn(task.mm, address, TIMESPEC_BYTES);
  if (bytes instanceof Errno) return bytes;
  const { first: seconds, second: nanoseconds } = readPair(bytes);
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= BigInt(NS_PER_SECOND)) return EINVAL;
  return Number(seconds * BigInt(NS_PER_SECOND) + nanoseconds);
}

function sleepUntil(task: Task, call: PendingCall, until: number, interrupted: Errno): SyscallResult {
  const wakeAt = typeof call.memo === 'number' ? call.memo : until;
  call.memo = wakeAt;
  return task.kernel.now() >= wakeAt ? 0 : new Blocked([], wakeAt, interrupted);
}
