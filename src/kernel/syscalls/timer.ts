/** timer_create(2), timer_settime(2), timer_gettime(2), timer_getoverrun(2), timer_delete(2): kernel/time/posix-timers.c. */
import { EAGAIN, EFAULT, EINVAL, EOPNOTSUPP, Errno } from '../../abi/errno.ts';
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import { SIGALRM, SIGNAL_MAX } from '../../abi/signal.ts';
import { NS_PER_SECOND, pairBytes, readPair } from '../../abi/structs.ts';
import {
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
  SIGEVENT_BYTES,
  TIMER_ABSTIME,
} from '../../abi/time.ts';
import { copyIn, copyOut, writeU32 } from '../mm/user-memory.ts';
import { findClock, nanosecondsAt } from '../task/clocks.ts';
import type { IntervalSetting } from '../task/interval-timers.ts';
import { PosixTimer, PosixTimers, type TimerEvent } from '../task/posix-timers.ts';
import type { Task } from '../task/task.ts';
import { viewOf } from './args/kind.ts';
import { int } from './args/numbers.ts';
import { clock, inItimerspec, inSigevent, outItimerspec, outTimerId, timerFlags } from './args/time.ts';
import { syscall } from './define.ts';

const ITIMERSPEC_BYTES = 32;

/** timer_create(2). EINVAL: no such clock, or event. EOPNOTSUPP: a clock without timers. EAGAIN: too many. EFAULT. */
export const timerCreate = syscall({
  number: 222,
  name: 'timer_create',
  args: { clock, event: inSigevent, id: outTimerId },
  support: 'full',
  run(task, { clock: number, event: address, id: idAt }) {
    const given = address === 0n ? undefined : copyIn(task.mm, address, SIGEVENT_BYTES);
    if (given instanceof Errno) return given;
    const clock = findClock(task, number);
    if (clock === undefined && number >= 0) return EINVAL;
    const timers = typeof clock === 'object' ? clock.timers() : undefined;
    if (typeof clock === 'object' && timers === undefined) return EOPNOTSUPP;
    const own = (task.process.posixTimers ??= new PosixTimers());
    if (BigInt(own.size) >= task.process.limits[RLIMIT_SIGPENDING].soft) return EAGAIN;
    // A number is used up even if it comes to nothing.
    const id = own.nextId();
    if (clock === undefined) return EINVAL;
    if (clock === 'dead' || timers === undefined) return EOPNOTSUPP;
    const event =
      given === undefined ? { signal: SIGALRM, value: BigInt(id), thread: undefined } : readEvent(task, given);
    if (event instanceof Errno) return event;
    if (writeU32(task.mm, idAt, id) !== undefined) return EFAULT;
    own.add(new PosixTimer(task.process, id, clock, timers, event));
    return 0;
  },
});

/** struct sigevent: sigev_value (64 bits), sigev_signo, sigev_notify, sigev_notify_thread_id. */
function readEvent(task: Task, bytes: Uint8Array): TimerEvent | Errno {
  const view = viewOf(bytes);
  const [value, signal, notify] = [view.getBigUint64(0, true), view.getInt32(8, true), view.getInt32(12, true)];
  if (notify === SIGEV_NONE) return { signal: 0, value, thread: undefined };
  const toThread = notify === (SIGEV_SIGNAL | SIGEV_THREAD_ID);
  if (!toThread && notify !== SIGEV_SIGNAL && notify !== SIGEV_THREAD) return EINVAL;
  const thread = toThread ? task.kernel.findTask(view.getInt32(16, true)) : undefined;
  if (toThread && thread?.process !== task.process) return EINVAL;
  return signal <= 0 || signal > SIGNAL_MAX ? EINVAL : { signal, value, thread };
}

/** timer_settime(2). EINVAL: no such timer, a bad time, no time. EFAULT: of `old`, after the change. */
export const timerSettime = syscall({
  number: 223,
  name: 'timer_settime',
  args: { id: int, flags: timerFlags, value: inItimerspec, old: outItimerspec },
  support: 'full',
  run(task, { id, flags, value, old }) {
    if (value === 0n) return EINVAL;
    const bytes = copyIn(task.mm, value, ITIMERSPEC_BYTES);
    if (bytes instanceof Errno) return bytes;
    const [interval, first] = [readPair(bytes), readPair(bytes, 16)];
    if (!isTime(interval) || !isTime(first)) return EINVAL;
    const timer = task.process.posixTimers?.find(id);
    if (timer === undefined) return EINVAL;
    const before = timer.setting;
    const isSet = first.first !== 0n || first.second !== 0n;
    const at =
      flags & TIMER_ABSTIME
        ? nanosecondsAt(timer.clock, first.first, first.second)
        : timer.clock.now() + nanosecondsAt({ epoch: 0 }, first.first, first.second);
    timer.set(isSet ? at : undefined, nanosecondsAt({ epoch: 0 }, interval.first, interval.second));
    return old !== 0n && copyOut(task.mm, old, settingBytes(before)) !== undefined ? EFAULT : 0;
  },
});

/** timer_gettime(2). EINVAL: no such timer. EFAULT. */
export const timerGettime = syscall({
  number: 224,
  name: 'timer_gettime',
  args: { id: int, value: outItimerspec },
  support: 'full',
  run(task, { id, value }) {
    const timer = task.process.posixTimers?.find(id);
    return timer === undefined ? EINVAL : (copyOut(task.mm, value, settingBytes(timer.setting)) ?? 0);
  },
});

/** timer_getoverrun(2): of the last signal that was taken. EINVAL: no such timer. */
export const timerGetoverrun = syscall({
  number: 225,
  name: 'timer_getoverrun',
  args: { id: int },
  support: 'full',
  run: (task, { id }) => task.process.posixTimers?.find(id)?.overrun ?? EINVAL,
});

/** timer_delete(2): a signal of it that waits is not delivered. EINVAL: no such timer. */
export const timerDelete = syscall({
  number: 226,
  name: 'timer_delete',
  args: { id: int },
  support: 'full',
  run(task, { id }) {
    const timer = task.process.posixTimers?.find(id);
    if (timer === undefined) return EINVAL;
    task.process.posixTimers!.delete(timer);
    return 0;
  },
});

const isTime = ({ first, second }: ReturnType<typeof readPair>): boolean =>
  first >= 0n && second >= 0n && second < BigInt(NS_PER_SECOND);

function settingBytes({ left, interval }: IntervalSetting): Uint8Array {
  const bytes = new Uint8Array(ITIMERSPEC_BYTES);
  for (const [i, ns] of [interval, left].entries())
    bytes.set(pairBytes(Math.floor(ns / NS_PER_SECOND), Math.floor(ns % NS_PER_SECOND)), 16 * i);
  return bytes;
}
