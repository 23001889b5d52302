/** setitimer(2), getitimer(2) and alarm(2): kernel/time/itimer.c. */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { NS_PER_SECOND, pairBytes, readPair } from '../../abi/structs.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { type IntervalSetting, IntervalTimer, ITIMER_REAL } from '../task/interval-timers.ts';
import type { Task } from '../task/task.ts';
import { size32 } from './args/numbers.ts';
import { inItimerval, outItimerval, whichTimer } from './args/time.ts';
import { syscall } from './define.ts';

/** struct itimerval: it_interval and it_value, each a timeval. */
const ITIMERVAL_BYTES = 32;
const TIMERS = 3;

const timerOf = ({ process }: Task, which: number): IntervalTimer =>
  (process.intervalTimers[which] ??= new IntervalTimer(process, which));

/** getitimer(2). EINVAL: no such timer. EFAULT. */
export const getitimer = syscall({
  number: 36,
  name: 'getitimer',
  args: { which: whichTimer, value: outItimerval },
  support: 'full',
  run(task, { which, value }) {
    if (which < 0 || which >= TIMERS) return EINVAL;
    return copyOut(task.mm, value, settingBytes(timerOf(task, which).setting)) ?? 0;
  },
});

/** setitimer(2). EINVAL: no such timer, times that cannot be. EFAULT: of `old`, after the change. NULL stops the timer. */
export const setitimer = syscall({
  number: 38,
  name: 'setitimer',
  args: { which: whichTimer, value: inItimerval, old: outItimerval },
  support: 'full',
  run(task, { which, value, old }) {
    const wanted = value === 0n ? { left: 0, interval: 0 } : readSetting(task, value);
    if (wanted instanceof Errno) return wanted;
    if (which < 0 || which >= TIMERS) return EINVAL;
    const timer = timerOf(task, which);
    const before = timer.setting;
    timer.set(wanted);
    return old !== 0n && copyOut(task.mm, old, settingBytes(before)) !== undefined ? EFAULT : 0;
  },
});

/** alarm(2): seconds, 0 for none; the result is what was left of the last, rounded, but not to 0. */
export const alarm = syscall({
  number: 37,
  name: 'alarm',
  args: { seconds: size32 },
  support: 'full',
  run(task, { seconds }) {
    const timer = timerOf(task, ITIMER_REAL);
    const { left } = timer.setting;
    timer.set({ left: seconds * NS_PER_SECOND, interval: 0 });
    const rounded = Math.floor(left / NS_PER_SECOND + 0.5);
    return left > 0 && rounded === 0 ? 1 : rounded;
  },
});

function readSetting(task: Task, address: bigint): IntervalSetting | Errno {
  const bytes = copyIn(task.mm, address, ITIMERVAL_BYTES);
  if (bytes instanceof Errno) return bytes;
  const times = [readPair(bytes), readPair(bytes, 16)];
  if (times.some(({ first, second }) => first < 0n || second < 0n || second >= 1_000_000n)) return EINVAL;
  const [interval, left] = times.map(({ first, second }) => Number(first) * NS_PER_SECOND + Number(second) * 1000);
  return { left, interval };
}

function settingBytes({ left, interval }: IntervalSetting): Uint8Array {
  const bytes = new Uint8Array(ITIMERVAL_BYTES);
  for (const [i, ns] of [interval, left].entries())
    bytes.set(pairBytes(Math.floor(ns / NS_PER_SECOND), Math.floor((ns % NS_PER_SECOND) / 1000)), 16 * i);
  return bytes;
}
