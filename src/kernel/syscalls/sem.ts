/** semget(2), semop(2), semtimedop(2), semctl(2): ipc/sem.c. */
import { E2BIG, EAGAIN, EFBIG, EINTR, EINVAL, ENOSPC, ERANGE, Errno } from '../../abi/errno.ts';
import {
  GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_64, IPC_INFO, IPC_PERM_GID, IPC_PERM_MODE, IPC_PERM_UID, IPC_RMID,
  IPC_SET, IPC_STAT, SEM_INFO, SEM_STAT, SEM_STAT_ANY, SEMBUF_BYTES, SEMID_BYTES, SEMID_COUNT, SEMID_CTIME, SEMID_OTIME,
  SEMINFO_BYTES, SETALL, SETVAL,
} from '../../abi/ipc.ts'; // biome-ignore format: a list
import {
  isOp, SEMMNI, SEMMNS, SEMMSL, SEMOPM, SEMVMX, type SemaphoreOp, SemaphoreSet, type WaitingOps,
} from '../ipc/sem.ts'; // biome-ignore format: a list
import { copyIn, copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { inSemaphoreOps, ipcKey, semCommand, semGetFlags } from './args/ipc.ts';
import { int, size32, word } from './args/numbers.ts';
import { inTimespec } from './args/time.ts';
import { Blocked, type PendingCall, syscall } from './define.ts';
import { putPermissions } from './shm.ts';
import { readDeadline } from './timeout.ts';

/** semget(2). EINVAL: a count below 0 or above kernel.sem's, none for a new set, more than an old one has. ENOENT, EEXIST, EACCES, ENOSPC. */
export const semget = syscall({
  number: 64,
  name: 'semget',
  args: { key: ipcKey, count: int, flags: semGetFlags },
  support: 'full',
  run(task, { key, count, flags }) {
    if (count < 0 || count > SEMMSL) return EINVAL;
    const { sem } = task.kernel;
    return sem.table.get({
      key,
      flags,
      who: task.credentials,
      check: ({ values }) => (count > values.length ? EINVAL : undefined),
      make() {
        if (count === 0) return EINVAL;
        return sem.count + count > SEMMNS ? ENOSPC : new SemaphoreSet(task, key, flags, count);
      },
    });
  },
});

/** semop(2). E2BIG: over 500 operations. EFBIG: no such semaphore. EACCES, EAGAIN, EIDRM, EINTR, EINVAL, ERANGE, EFAULT. */
export const semop = syscall({
  number: 65,
  name: 'semop',
  args: { id: int, ops: inSemaphoreOps, count: size32 },
  support: 'full',
  run: (task, { id, ops, count }, call) => operate(task, call, id, ops, count, 0n),
});

/** semtimedop(2). As semop(2); EAGAIN also when the time is over. */
export const semtimedop = syscall({
  number: 220,
  name: 'semtimedop',
  args: { id: int, ops: inSemaphoreOps, count: size32, timeout: inTimespec },
  support: 'full',
  run: (task, { id, ops, count, timeout }, call) => operate(task, call, id, ops, count, timeout),
});

interface Sleeping {
  readonly set: SemaphoreSet;
  readonly waiting: WaitingOps;
  readonly deadline: number | undefined;
}

function operate(task: Task, call: PendingCall, id: number, address: bigint, count: number, timeout: bigint) {
  const sleeping = call.memo as Sleeping | undefined;
  if (sleeping !== undefined) return resume(task, sleeping);
  const deadline = readDeadline(task, timeout, 'timespec');
  if (deadline instanceof Errno) return deadline;
  if (count > SEMOPM) return E2BIG;
  if (count < 1) return EINVAL;
  const bytes = copyIn(task.mm, address, count * SEMBUF_BYTES);
  if (bytes instanceof Errno) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const ops: SemaphoreOp[] = Array.from({ length: count }, (_, i) => ({
    index: view.getUint16(i * SEMBUF_BYTES, true),
    change: view.getInt16(i * SEMBUF_BYTES + 2, true),
    flags: view.getInt16(i * SEMBUF_BYTES + 4, true),
  }));
  const set = task.kernel.sem.table.find(id);
  if (set instanceof Errno) return set;
  if (ops.some(({ index }) => index >= set.values.length)) return EFBIG;
  const alters = ops.some(({ change }) => change !== 0);
  const denied = set.checkAccess(task.credentials, alters ? 0o222 : 0o444);
  if (denied !== undefined) return denied;
  const result = set.perform(task, ops);
  if (!isOp(result)) {
    if (result === 0 && alters) set.update();
    return result;
  }
  if (deadline === 'now') return EAGAIN;
  const waiting: WaitingOps = { task, call, ops, queue: new WaitQueue(), blocking: result, result: undefined };
  set.waiting.push(waiting);
  const until = deadline === 'never' ? undefined : deadline;
  call.memo = { set, waiting, deadline: until } satisfies Sleeping;
  return new Blocked(waiting.queue, until, EINTR);
}

function resume(task: Task, { set, waiting, deadline }: Sleeping) {
  if (waiting.result !== undefined) return waiting.result;
  if (deadline === undefined || task.kernel.now() < deadline) return new Blocked(waiting.queue, deadline, EINTR);
  set.waiting = set.waiting.filter((other) => other !== waiting);
  return EAGAIN;
}

/** semctl(2). EINVAL: no such set, semaphore or command. ERANGE: a value. EACCES, EPERM, EFAULT. */
export const semctl = syscall({
  number: 66,
  name: 'semctl',
  args: { id: int, index: int, command: semCommand, argument: word },
  support: 'full',
  run(task, { id, index, command: number, argument }) {
    const { sem } = task.kernel;
    const command = number & ~IPC_64;
    if (id < 0) return EINVAL;
    switch (command) {
      case IPC_INFO:
      case SEM_INFO: {
        const used = command === SEM_INFO ? [sem.table.size, SEMVMX, sem.count] : [20, SEMVMX, SEMVMX];
        const words = [SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, ...used];
        const bytes = new Uint8Array(Int32Array.from(words).buffer, 0, SEMINFO_BYTES);
        return copyOut(task.mm, argument, bytes) ?? sem.table.maxIndex;
      }
      case IPC_STAT:
      case SEM_STAT:
      case SEM_STAT_ANY: {
        const set = command === IPC_STAT ? sem.table.find(id) : sem.table.findAt(id);
        if (set instanceof Errno) return set;
        const denied = command === SEM_STAT_ANY ? undefined : set.checkAccess(task.credentials, 0o444);
        return denied ?? copyOut(task.mm, argument, setBytes(set)) ?? (command === IPC_STAT ? 0 : set.id);
      }
      case SETVAL:
        return setValue(task, id, index, Number(BigInt.asIntN(32, argument)));
      case GETALL:
      case SETALL:
      case GETVAL:
      case GETPID:
      case GETNCNT:
      case GETZCNT: {
        const set = sem.table.find(id);
        if (set instanceof Errno) return set;
        const denied = set.checkAccess(task.credentials, command === SETALL ? 0o222 : 0o444);
        return denied ?? readOrSet(task, set, index, command, argument);
      }
      case IPC_SET:
      case IPC_RMID:
        return change(task, id, command, argument);
      default:
        return EINVAL;
    }
  },
});

function setValue(task: Task, id: number, index: number, value: number): number | Errno {
  if (value < 0 || value > SEMVMX) return ERANGE;
  const set = task.kernel.sem.table.find(id);
  if (set instanceof Errno) return set;
  if (index < 0 || index >= set.values.length) return EINVAL;
  const denied = set.checkAccess(task.credentials, 0o222);
  if (denied !== undefined) return denied;
  for (const undo of set.undo.values()) undo[index] = 0;
  set.values[index] = { value, pid: task.pid };
  set.changedAt = task.kernel.realTime().seconds;
  set.update();
  return 0;
}

function readOrSet(task: Task, set: SemaphoreSet, index: number, command: number, address: bigint): number | Errno {
  const count = set.values.length;
  if (command === GETALL) {
    const values = Uint16Array.from(set.values, ({ value }) => value);
    return copyOut(task.mm, address, new Uint8Array(values.buffer)) ?? 0;
  }
  if (command === SETALL) {
    const bytes = copyIn(task.mm, address, count * 2);
    if (bytes instanceof Errno) return bytes;
    const values = Array.from({ length: count }, (_, i) => bytes[2 * i] | (bytes[2 * i + 1] << 8));
    if (values.some((value) => value > SEMVMX)) return ERANGE;
    for (const undo of set.undo.values()) undo.fill(0);
    for (const [i, value] of values.entries()) set.values[i] = { value, pid: task.pid };
    set.changedAt = task.kernel.realTime().seconds;
    set.update();
    return 0;
  }
  if (index < 0 || index >= count) return EINVAL;
  if (command === GETVAL) return set.values[index].value;
  if (command === GETPID) return set.values[index].pid;
  return set.countWaiting(index, command === GETZCNT);
}

function change(task: Task, id: number, command: number, address: bigint): number | Errno {
  const bytes = command === IPC_SET ? copyIn(task.mm, address, SEMID_BYTES) : undefined;
  if (bytes instanceof Errno) return bytes;
  const set = task.kernel.sem.table.find(id);
  if (set instanceof Errno) return set;
  const denied = set.checkOwner(task.credentials);
  if (denied !== undefined) return denied;
  if (bytes === undefined) task.kernel.sem.remove(set);
  else {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const word = (at: number) => view.getUint32(at, true);
    set.setPermissions(word(IPC_PERM_UID), word(IPC_PERM_GID), word(IPC_PERM_MODE));
    set.changedAt = task.kernel.realTime().seconds;
  }
  return 0;
}

function setBytes(set: SemaphoreSet): Uint8Array {
  const bytes = new Uint8Array(SEMID_BYTES);
  const view = new DataView(bytes.buffer);
  putPermissions(view, set);
  view.setBigInt64(SEMID_OTIME, BigInt(set.operatedAt), true);
  view.setBigInt64(SEMID_CTIME, BigInt(set.changedAt), true);
  view.setBigUint64(SEMID_COUNT, BigInt(set.values.length), true);
  return bytes;
}
