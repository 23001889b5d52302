/** utime(2), utimes(2), futimesat(2) and utimensat(2): fs/utimes.c. */
import { EBADF, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import { readPair, TIMESPEC_BYTES } from '../../abi/structs.ts';
import { UTIME_NOW, UTIME_OMIT } from '../../abi/time.ts';
import { copyIn } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { changeTimes, type NewTimes } from '../vfs/attributes.ts';
import { atFlags, dirFd, inPath } from './args/files.ts';
import { inFileTimes, inTimevals, inUtimbuf } from './args/time.ts';
import { syscall } from './define.ts';
import { fileAt } from './path-args.ts';

const MICROSECONDS = 1_000_000n;
const NANOSECONDS = 1_000_000_000n;

/** utime(2), in seconds. NULL is now. */
export const utime = syscall({
  number: 132,
  name: 'utime',
  args: { path: inPath, times: inUtimbuf },
  support: 'full',
  run(task, { path, times }) {
    if (times === 0n) return change(task, AT_FDCWD, path, undefined, 0);
    const bytes = copyIn(task.mm, times, 16);
    if (bytes instanceof Errno) return EFAULT;
    const { first, second } = readPair(bytes);
    return change(task, AT_FDCWD, path, { accessed: at(first, 0n), modified: at(second, 0n) }, 0);
  },
});

/** utimes(2), in microseconds. EINVAL: more of them than a second has. */
export const utimes = syscall({
  number: 235,
  name: 'utimes',
  args: { path: inPath, times: inTimevals },
  support: 'full',
  run: (task, { path, times }) => changeByTimevals(task, AT_FDCWD, path, times),
});

/** futimesat(2): as utimes(2), from a directory; with a NULL path of the descriptor's file itself. */
export const futimesat = syscall({
  number: 261,
  name: 'futimesat',
  args: { fd: dirFd, path: inPath, times: inTimevals },
  support: 'full',
  run: (task, { fd, path, times }) => changeByTimevals(task, fd, path, times),
});

function changeByTimevals(task: Task, fd: number, path: bigint, times: bigint): number | Errno {
  if (times === 0n) return change(task, fd, path, undefined, 0);
  const bytes = copyIn(task.mm, times, 32);
  if (bytes instanceof Errno) return EFAULT;
  const [accessed, modified] = [readPair(bytes), readPair(bytes, 16)];
  if ([accessed, modified].some(({ second }) => second < 0n || second >= MICROSECONDS)) return EINVAL;
  const [a, m] = [accessed, modified].map(({ first, second }) => at(first, second * 1000n));
  return change(task, fd, path, { accessed: a, modified: m }, 0);
}

/**
 * utimensat(2). EINVAL: flags, nanoseconds. EACCES: now, of a file that one may not write. EPERM: any other time of
 * somebody else's. A NULL path means the descriptor's file itself. Two UTIME_OMIT are not even looked at further.
 */
export const utimensat = syscall({
  number: 280,
  name: 'utimensat',
  args: { fd: dirFd, path: inPath, times: inFileTimes, flags: atFlags },
  support: 'full',
  run(task, { fd, path, times, flags }) {
    if (times === 0n) return change(task, fd, path, undefined, flags);
    const bytes = copyIn(task.mm, times, 2 * TIMESPEC_BYTES);
    if (bytes instanceof Errno) return EFAULT;
    const pairs = [readPair(bytes), readPair(bytes, 16)];
    if (pairs.every(({ second }) => second === BigInt(UTIME_OMIT))) return 0;
    const isValid = pairs.every(({ second }) => (second >= 0n && second < NANOSECONDS) || isSpecial(second));
    const [accessed, modified] = pairs.map(({ first, second }) =>
      second === BigInt(UTIME_NOW) ? 'now' : second === BigInt(UTIME_OMIT) ? 'omit' : at(first, second),
    );
    return change(task, fd, path, isValid ? { accessed, modified } : 'invalid', flags);
  },
});

const isSpecial = (nanoseconds: bigint): boolean =>
  nanoseconds === BigInt(UTIME_NOW) || nanoseconds === BigInt(UTIME_OMIT);

const at = (seconds: bigint, nanoseconds: bigint) => ({ seconds: Number(seconds), nanoseconds: Number(nanoseconds) });

function change(
  task: Task,
  fd: number,
  path: bigint,
  times: NewTimes | 'invalid' | undefined,
  flags: number,
): number | Errno {
  if (path === 0n && fd !== AT_FDCWD) {
    if (flags !== 0) return EINVAL;
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    if (times === 'invalid') return EINVAL;
    return file.dentry === undefined ? 0 : (changeTimes(task, file.dentry, times) ?? 0);
  }
  const found = fileAt(task, fd, path, flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  if (found instanceof Errno) return found;
  return times === 'invalid' ? EINVAL : (changeTimes(task, found, times) ?? 0);
}
