/**
 * Clocks by their numbers: clock_gettime(2), kernel/time/posix-timers.c, posix-cpu-timers.c. Time is virtual: one
 * nanosecond for each retired instruction, and it jumps when everybody sleeps; processor time does not.
 */
import { NS_PER_SECOND } from '../../abi/structs.ts';
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  CLOCK_REALTIME_COARSE,
  CLOCK_TAI,
  CLOCK_THREAD_CPUTIME_ID,
  type Timestamp,
} from '../../abi/time.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';
import { Timers } from './timers.ts';
import type { UsageCounter } from './usage.ts';

export interface Clock {
  /** Seconds that it shows when `now` is 0. */
  readonly epoch: number;
  /** Nanoseconds of a step of it: what clock_getres(2) says. */
  readonly resolution: number;
  /** The thread whose processor time it is, if it is that of one. */
  readonly thread?: Task;
  /** Nanoseconds. */
  now(): number;
  /** What expires by it; undefined for one that can be read but not waited for. */
  timers(): Timers | undefined;
}

/** CONFIG_HZ=250: coarse clocks go in steps of a tick. */
const TICK_NS = 4_000_000;
/** In the numbers of clocks of other processes: ~pid << 3, then which, then whether it is of one thread. */
const PER_THREAD = 4, WHICH = 3, BY_SCHEDULER = 2, NO_CLOCK = 3; // biome-ignore format: one line

/** 'dead': there is such a clock, but nothing drives it here (alarms of a sleeping machine). Undefined: there is none. */
export function findClock(task: Task, number: number): Clock | 'dead' | undefined {
  const { kernel } = task;
  const now = (): number => kernel.now();
  const timers = (): Timers => kernel.scheduler.timers;
  const none = (): undefined => undefined;
  switch (number) {
    case CLOCK_REALTIME:
    case CLOCK_TAI:
      return { epoch: kernel.epoch, resolution: 1, now, timers };
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
      return { epoch: 0, resolution: 1, now, timers };
    case CLOCK_MONOTONIC_RAW:
      return { epoch: 0, resolution: 1, now, timers: none };
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE: {
      const epoch = number === CLOCK_REALTIME_COARSE ? kernel.epoch : 0;
      return { epoch, resolution: TICK_NS, now: () => Math.floor(now() / TICK_NS) * TICK_NS, timers: none };
    }
    case CLOCK_PROCESS_CPUTIME_ID:
      return cpuClock(task.process, 1);
    case CLOCK_THREAD_CPUTIME_ID:
      return { ...cpuClock(task, 1), thread: task };
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
      return 'dead';
    default:
      return number < 0 ? otherCpuClock(task, number) : undefined;
  }
}

interface Metered {
  readonly usage: UsageCounter;
  cpuTimers: Timers | undefined;
}

const cpuClock = (owner: Metered, resolution: number): Clock => ({
  epoch: 0,
  resolution,
  now: () => owner.usage.instructions,
  timers: () => (owner.cpuTimers ??= new Timers()),
});

function otherCpuClock(task: Task, number: number): Clock | undefined {
  const which = number & WHICH;
  const id = ~(number >> 3);
  if (which === NO_CLOCK) return undefined;
  const resolution = which === BY_SCHEDULER ? 1 : TICK_NS;
  if (number & PER_THREAD) {
    const thread = id === 0 ? task : task.kernel.findTask(id);
    return thread?.process === task.process ? { ...cpuClock(thread, resolution), thread } : undefined;
  }
  const process: Process | undefined = id === 0 ? task.process : task.kernel.findProcess(id);
  return process && cpuClock(process, resolution);
}

export const timestamp = ({ epoch }: Pick<Clock, 'epoch'>, ns: number): Timestamp => ({
  seconds: epoch + Math.floor(ns / NS_PER_SECOND),
  nanoseconds: Math.floor(ns % NS_PER_SECOND),
});

/** What `now` is when a clock shows a time. Beyond 2^53 (104 days) it is rounded. */
export const nanosecondsAt = ({ epoch }: Pick<Clock, 'epoch'>, seconds: bigint, nanoseconds: bigint): number =>
  Number((seconds - BigInt(epoch)) * BigInt(NS_PER_SECOND) + nanoseconds);
