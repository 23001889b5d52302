/** The commands of fcntl(2) that lock ranges of bytes: fs/locks.c (`fcntl_setlk`, `fcntl_getlk`). */
import { EAGAIN, EBADF, EDEADLK, EFAULT, EINVAL, EOVERFLOW, ERESTARTSYS, Errno } from '../../abi/errno.ts';
import {
  F_GETLK, F_OFD_GETLK, F_OFD_SETLKW, F_RDLCK, F_SETLKW, F_UNLCK, F_WRLCK, LOCK_TYPE_NAMES, SEEK_CUR, SEEK_END, SEEK_NAMES,
  SEEK_SET,
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { copyIn, copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { type LockOwner, OFFSET_MAX, type RangeLock, wouldDeadlock } from '../vfs/file-locks.ts'; // biome-ignore format: one line
import type { OpenFile } from '../vfs/open-file.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { viewOf } from './args/kind.ts';
import { named, pointer } from './args/text.ts';
import { Blocked, type CallView, type PendingCall, type SyscallResult } from './define.ts';

/** struct flock { i16 l_type, l_whence; i64 l_start, l_len; i32 l_pid; } with its gaps. */
const FLOCK_BYTES = 32;

interface LockRequest {
  readonly type: number;
  readonly whence: number;
  readonly start: bigint;
  readonly length: bigint;
  readonly pid: number;
}

function parse(bytes: Uint8Array): LockRequest {
  const view = viewOf(bytes);
  return {
    type: view.getInt16(0, true),
    whence: view.getInt16(2, true),
    start: view.getBigInt64(8, true),
    length: view.getBigInt64(16, true),
    pid: view.getInt32(24, true),
  };
}

/** What a request means in bytes of the file, both ends included. EINVAL, EOVERFLOW. */
function rangeOf(file: OpenFile, { whence, start, length }: LockRequest): { start: bigint; end: bigint } | Errno {
  let from: bigint;
  if (whence === SEEK_SET) from = 0n;
  else if (whence === SEEK_CUR) from = BigInt(file instanceof OpenRegular ? file.position : 0);
  else if (whence === SEEK_END) from = BigInt(file.stat().size);
  else return EINVAL;
  if (start > OFFSET_MAX - from) return EOVERFLOW;
  from += start;
  if (from < 0n) return EINVAL;
  if (length > 0n) return length - 1n > OFFSET_MAX - from ? EOVERFLOW : { start: from, end: from + length - 1n };
  if (length === 0n) return { start: from, end: OFFSET_MAX };
  return from + length < 0n ? EINVAL : { start: from + length, end: from - 1n };
}

const isOfd = (command: number): boolean => command >= F_OFD_GETLK && command <= F_OFD_SETLKW;
const ownerOf = (task: Task, file: OpenFile, command: number): LockOwner => (isOfd(command) ? file : task.files);

/** F_GETLK: the first lock in the way, or F_UNLCK. EINVAL, EFAULT, EOVERFLOW. */
export function getLock(task: Task, file: OpenFile, command: number, address: bigint): number | Errno {
  const bytes = copyIn(task.mm, address, FLOCK_BYTES);
  if (bytes instanceof Errno) return EFAULT;
  const request = parse(bytes);
  const ofd = isOfd(command);
  if (request.type !== F_RDLCK && request.type !== F_WRLCK && !(ofd && request.type === F_UNLCK)) return EINVAL;
  const range = rangeOf(file, request);
  if (range instanceof Errno) return range;
  if (ofd && request.pid !== 0) return EINVAL;
  const type = request.type === F_RDLCK ? 'read' : 'write';
  const found = file.fileLocks().findConflict({ owner: ownerOf(task, file, command), type, ...range });
  const view = viewOf(bytes);
  view.setInt16(0, found === undefined ? F_UNLCK : found.type === 'read' ? F_RDLCK : F_WRLCK, true);
  if (found !== undefined) {
    view.setInt16(2, SEEK_SET, true);
    view.setBigInt64(8, found.start, true);
    view.setBigInt64(16, found.end === OFFSET_MAX ? 0n : found.end - found.start + 1n, true);
    view.setInt32(24, found.pid, true);
  }
  return copyOut(task.mm, address, bytes) === undefined ? 0 : EFAULT;
}

/** A lock that is waited for. */
interface WaitingLock {
  readonly file: OpenFile;
  readonly type: number;
  readonly lock: RangeLock;
  /** Whom it waits for at the moment. */
  holder: LockOwner | undefined;
}

/** F_SETLK, F_SETLKW. EAGAIN; EDEADLK: those that wait would be a circle. EBADF: not open for this; EINVAL, EOVERFLOW. */
export function setLock(
  task: Task,
  fd: number,
  file: OpenFile,
  command: number,
  address: bigint,
  call: PendingCall,
): SyscallResult {
  const under = (call.memo as WaitingLock | undefined) ?? prepare(task, file, command, address);
  if (under instanceof Errno) return under;
  const { lock, type } = under;
  const locks = under.file.fileLocks();
  if (under.holder !== undefined) locks.stopWaiting(lock.owner, under.holder);
  // Closed by another thread while this one slept.
  if (task.files.find(fd) !== under.file) return EBADF;
  if (type === F_UNLCK) {
    locks.unlockRange(lock.owner, lock.start, lock.end);
    return 0;
  }
  const inTheWay = locks.findConflict(lock);
  if (inTheWay === undefined) {
    locks.lockRange(lock);
    return 0;
  }
  if (command !== F_SETLKW && command !== F_OFD_SETLKW) return EAGAIN;
  const { owner: holder } = inTheWay;
  if (command === F_SETLKW && wouldDeadlock(lock.owner, holder)) return EDEADLK;
  under.holder = holder;
  locks.startWaiting(lock.owner, holder);
  call.memo = under;
  return new Blocked(locks.changed, undefined, () => {
    locks.stopWaiting(lock.owner, holder);
    return ERESTARTSYS;
  });
}

function prepare(task: Task, file: OpenFile, command: number, address: bigint): WaitingLock | Errno {
  const bytes = copyIn(task.mm, address, FLOCK_BYTES);
  if (bytes instanceof Errno) return EFAULT;
  const request = parse(bytes);
  const range = rangeOf(file, request);
  if (range instanceof Errno) return range;
  const { type, pid } = request;
  if (type !== F_RDLCK && type !== F_WRLCK && type !== F_UNLCK) return EINVAL;
  if ((type === F_RDLCK && !file.isReadable) || (type === F_WRLCK && !file.isWritable)) return EBADF;
  const ofd = isOfd(command);
  if (ofd && pid !== 0) return EINVAL;
  const owner = ownerOf(task, file, command);
  const lock = { owner, type: type === F_RDLCK ? 'read' : 'write', ...range, pid: ofd ? -1 : task.pid } as const;
  return { file, type, lock, holder: undefined };
}

export const isLockCommand = (command: number): boolean =>
  (command >= F_GETLK && command <= F_SETLKW) || (command >= F_OFD_GETLK && command <= F_OFD_SETLKW);
export const asksForLock = (command: number): boolean => command === F_GETLK || command === F_OFD_GETLK;
export const setsLock = (command: number): boolean => isLockCommand(command) && !asksForLock(command);

/** `{l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, l_len=10}`, and whose it is when that was asked for. */
export function lockText(address: bigint, { peek, result }: CallView, withPid: boolean): string {
  const bytes =
    address === 0n || (withPid && (result === undefined || result < 0n)) ? undefined : peek(address, FLOCK_BYTES);
  if (bytes === undefined) return pointer(address);
  const { type, whence, start, length, pid } = parse(bytes);
  const fields = [
    `l_type=${named(type & 0xffff, LOCK_TYPE_NAMES, 'F_???')}`,
    `l_whence=${named(whence & 0xffff, SEEK_NAMES, 'SEEK_???')}`,
    `l_start=${start}`,
    `l_len=${length}`,
    ...(withPid ? [`l_pid=${pid}`] : []),
  ];
  return `{${fields.join(', ')}}`;
}
