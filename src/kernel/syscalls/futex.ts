/** futex(2): kernel/futex/syscalls.c, waitwake.c, requeue.c, pi.c. */
import { EAGAIN, EINVAL, ENOSYS, ERESTART_RESTARTBLOCK, ERESTARTNOINTR, ERESTARTSYS, Errno, ETIMEDOUT } from '../../abi/errno.ts'; // biome-ignore format: one line
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_REQUEUE,
  FUTEX_LOCK_PI,
  FUTEX_LOCK_PI2,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_TRYLOCK_PI,
  FUTEX_UNLOCK_PI,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
} from '../../abi/futex.ts';
import { NS_PER_SECOND, readPair, TIMESPEC_BYTES } from '../../abi/structs.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../abi/time.ts';
import { copyIn, writeU32 } from '../mm/user-memory.ts';
import { type Clock, findClock, nanosecondsAt } from '../task/clocks.ts';
import { type FutexKey, FutexWaiter, futexKey, readWord } from '../task/futex.ts';
import type { Task } from '../task/task.ts';
import { futexOperation, futexText } from './args/futex.ts';
import { addr, size32, word } from './args/numbers.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';

const COMMAND = ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
const HAVE_TIMEOUT = [FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_WAIT_REQUEUE_PI];
const HAVE_CLOCK = [FUTEX_WAIT_BITSET, FUTEX_LOCK_PI2, FUTEX_WAIT_REQUEUE_PI];

interface Args {
  readonly address: bigint;
  readonly operation: number;
  readonly value: number;
  /** A timespec, or the second number. */
  readonly timeout: bigint;
  readonly address2: bigint;
  readonly value3: number;
}

/** A wait under way: when it ends, and its place in a line. */
interface Wait {
  readonly deadline: number | undefined;
  waiter: FutexWaiter | undefined;
}

/** futex(2). EAGAIN: the word has another value. ETIMEDOUT; EINTR; EINVAL, EFAULT, ENOSYS; of locks EDEADLK, EPERM, ESRCH. */
export const futex = syscall({
  number: 202,
  name: 'futex',
  args: { address: addr, operation: futexOperation, value: size32, timeout: word, address2: addr, value3: size32 },
  support: { missing: 'FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI; priorities' },
  argsText: futexText,
  run(task, args, call) {
    const command = args.operation & COMMAND;
    const deadline = call.memo === undefined ? deadlineOf(task, args, command) : (call.memo as Wait).deadline;
    if (deadline instanceof Errno) return deadline;
    if (args.operation & FUTEX_CLOCK_REALTIME && !HAVE_CLOCK.includes(command)) return ENOSYS;
    return perform(task, args, command, deadline, call);
  },
});

function perform(
  task: Task,
  args: Args,
  command: number,
  deadline: number | undefined,
  call: PendingCall,
): SyscallResult {
  const { kernel } = task;
  const { address, value, value3 } = args;
  const isPrivate = (args.operation & FUTEX_PRIVATE_FLAG) !== 0;
  const keyOf = (at: bigint): FutexKey | Errno => futexKey(task, at, isPrivate);
  switch (command) {
    case FUTEX_WAIT:
      return wait(task, keyOf, args, FUTEX_BITSET_MATCH_ANY, deadline, call);
    case FUTEX_WAIT_BITSET:
      return wait(task, keyOf, args, value3, deadline, call);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET: {
      const bitset = command === FUTEX_WAKE ? FUTEX_BITSET_MATCH_ANY : value3;
      if (bitset === 0) return EINVAL;
      const key = keyOf(address);
      // Linux wakes one even if it is asked for none.
      return key instanceof Errno ? key : kernel.futexes.wake(key, Math.max(1, value | 0), bitset);
    }
    case FUTEX_REQUEUE:
      return requeue(task, keyOf, args, false);
    case FUTEX_CMP_REQUEUE:
      return requeue(task, keyOf, args, true);
    case FUTEX_WAKE_OP:
      return wakeOp(task, keyOf, args);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
      return lock(task, keyOf, address, deadline, call);
    case FUTEX_TRYLOCK_PI: {
      const key = keyOf(address);
      if (key instanceof Errno) return key;
      const result = kernel.futexes.lock(task, key, address, true);
      return result instanceof Errno ? result : 0;
    }
    case FUTEX_UNLOCK_PI: {
      const key = keyOf(address);
      return key instanceof Errno ? key : kernel.futexes.unlock(task, key, address);
    }
    default:
      return ENOSYS;
  }
}

/** When it ends, in the kernel's time: FUTEX_WAIT takes a duration, the others a time. EFAULT; EINVAL: a bad time. */
function deadlineOf(task: Task, { operation, timeout }: Args, command: number): number | undefined | Errno {
  if (timeout === 0n || !HAVE_TIMEOUT.includes(command)) return undefined;
  const bytes = copyIn(task.mm, timeout, TIMESPEC_BYTES);
  if (bytes instanceof Errno) return bytes;
  const { first: seconds, second: nanoseconds } = readPair(bytes);
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= BigInt(NS_PER_SECOND)) return EINVAL;
  if (command === FUTEX_WAIT) return task.kernel.now() + nanosecondsAt({ epoch: 0 }, seconds, nanoseconds);
  const isReal = command === FUTEX_LOCK_PI || (operation & FUTEX_CLOCK_REALTIME) !== 0;
  return nanosecondsAt(findClock(task, isReal ? CLOCK_REALTIME : CLOCK_MONOTONIC) as Clock, seconds, nanoseconds);
}

type KeyOf = (address: bigint) => FutexKey | Errno;

function wait(task: Task, keyOf: KeyOf, args: Args, bitset: number, deadline: number | undefined, call: PendingCall) {
  if (bitset === 0) return EINVAL;
  const under = (call.memo ??= { deadline, waiter: undefined }) as Wait;
  if (under.waiter === undefined) {
    const key = keyOf(args.address);
    if (key instanceof Errno) return key;
    const now = readWord(task.mm, args.address);
    if (now instanceof Errno) return now;
    if (now !== args.value) return EAGAIN;
    under.waiter = new FutexWaiter(task, key, args.address, bitset);
    task.kernel.futexes.add(under.waiter, key);
  }
  return sleep(task, under, deadline === undefined ? ERESTARTSYS : ERESTART_RESTARTBLOCK);
}

/** Until somebody wakes it, or the time comes. Begun again after a signal, it looks at the word anew. */
function sleep(task: Task, under: Wait, interrupted: Errno): SyscallResult {
  const { futexes } = task.kernel;
  const { deadline } = under;
  const waiter = under.waiter!;
  if (waiter.isWoken) return 0;
  if (deadline !== undefined && task.kernel.now() >= deadline) {
    futexes.remove(waiter);
    return ETIMEDOUT;
  }
  return new Blocked([], deadline, () => {
    futexes.remove(waiter);
    under.waiter = undefined;
    return waiter.isWoken ? 0 : interrupted;
  });
}

function lock(
  task: Task,
  keyOf: KeyOf,
  address: bigint,
  deadline: number | undefined,
  call: PendingCall,
): SyscallResult {
  const under = (call.memo ??= { deadline, waiter: undefined }) as Wait;
  if (under.waiter === undefined) {
    const key = keyOf(address);
    if (key instanceof Errno) return key;
    const result = task.kernel.futexes.lock(task, key, address, false);
    if (result instanceof Errno) return result;
    if (result === 'taken') return 0;
    under.waiter = result;
  }
  return sleep(task, under, ERESTARTNOINTR);
}

function requeue(task: Task, keyOf: KeyOf, { address, value, timeout, address2, value3 }: Args, compares: boolean) {
  const wakes = value | 0;
  const moves = Number(BigInt.asIntN(32, timeout));
  if (wakes < 0 || moves < 0) return EINVAL;
  const [from, to] = [keyOf(address), keyOf(address2)];
  if (from instanceof Errno) return from;
  if (to instanceof Errno) return to;
  if (compares) {
    const now = readWord(task.mm, address);
    if (now instanceof Errno) return now;
    if (now !== value3) return EAGAIN;
  }
  return task.kernel.futexes.requeue(from, to, wakes, moves);
}

/** Changes the second word, wakes waiters of the first, and those of the second if its old value compares so. */
function wakeOp(task: Task, keyOf: KeyOf, { address, value, timeout, address2, value3 }: Args): SyscallResult {
  const { futexes } = task.kernel;
  const [first, second] = [keyOf(address), keyOf(address2)];
  if (first instanceof Errno) return first;
  if (second instanceof Errno) return second;
  const old = readWord(task.mm, address2);
  if (old instanceof Errno) return old;
  const changed = applyOp(value3, old);
  if (changed instanceof Errno) return changed;
  const failed = writeU32(task.mm, address2, changed >>> 0);
  if (failed !== undefined) return failed;
  const compares = comparison(value3, old | 0);
  if (compares instanceof Errno) return compares;
  const woken = futexes.wake(first, Math.max(1, value | 0));
  if (woken instanceof Errno || !compares) return woken;
  const more = futexes.wake(second, Math.max(1, Number(BigInt.asIntN(32, timeout))));
  return more instanceof Errno ? more : woken + more;
}

/** Twelve bits with a sign. */
const argument = (bits: number): number => (bits << 20) >> 20;

function applyOp(code: number, old: number): number | Errno {
  let by = argument(code >> 12);
  if (code < 0 || code >= 0x8000_0000) by = 1 << (by & 31);
  switch ((code >>> 28) & 7) {
    case 0:
      return by;
    case 1:
      return old + by;
    case 2:
      return old | by;
    case 3:
      return old & ~by;
    case 4:
      return old ^ by;
    default:
      return ENOSYS;
  }
}

function comparison(code: number, old: number): boolean | Errno {
  const other = argument(code);
  switch ((code >>> 24) & 15) {
    case 0:
      return old === other;
    case 1:
      return old !== other;
    case 2:
      return old < other;
    case 3:
      return old <= other;
    case 4:
      return old > other;
    case 5:
      return old >= other;
    default:
      return ENOSYS;
  }
}
