/** stat(2), fstat(2), lstat(2) and newfstatat(2): fs/stat.c. */
import { EBADF, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import { type Stat, statBytes } from '../../abi/stat.ts';
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { atFlags, dirFd, fd, inPath, outStat } from './args/files.ts';
import { syscall } from './define.ts';
import { fileAt, fileOf } from './path-args.ts';

const FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

/** stat(2). What the path leads to says; EFAULT. */
export const stat = syscall({
  number: 4,
  name: 'stat',
  args: { path: inPath, stat: outStat },
  support: 'full',
  run(task, { path, stat }) {
    const found = fileOf(task, path);
    return found instanceof Errno ? found : store(task, found.inode.stat(), stat);
  },
});

/** lstat(2): of a link itself. */
export const lstat = syscall({
  number: 6,
  name: 'lstat',
  args: { path: inPath, stat: outStat },
  support: 'full',
  run(task, { path, stat }) {
    const found = fileOf(task, path, false);
    return found instanceof Errno ? found : store(task, found.inode.stat(), stat);
  },
});

/** fstat(2). EBADF, EFAULT. */
export const fstat = syscall({
  number: 5,
  name: 'fstat',
  args: { fd, stat: outStat },
  support: 'full',
  run(task, { fd, stat }) {
    const file = task.files.findRaw(fd);
    return file === undefined ? EBADF : store(task, file.stat(), stat);
  },
});

/** newfstatat(2). EINVAL: unknown flags. An empty path means the descriptor itself, with AT_EMPTY_PATH. */
export const newfstatat = syscall({
  number: 262,
  name: 'newfstatat',
  args: { fd: dirFd, path: inPath, stat: outStat, flags: atFlags },
  support: 'full',
  run(task, { fd, path, stat, flags }) {
    const found = statAt(task, fd, path, flags, FLAGS);
    return found instanceof Errno ? found : store(task, found, stat);
  },
});

/** What newfstatat(2) and statx(2) look at: a file without a name can only be meant by its descriptor. */
export function statAt(task: Task, fd: number, path: bigint, flags: number, allowed: number): Stat | Errno {
  if (flags & ~allowed) return EINVAL;
  if (flags & AT_EMPTY_PATH && fd >= 0 && isEmptyPath(task, path)) {
    const file = task.files.findRaw(fd);
    return file === undefined ? EBADF : file.stat();
  }
  const found = fileAt(task, fd, path, flags, allowed);
  return found instanceof Errno ? found : found.inode.stat();
}

/** NULL counts as empty since Linux 6.11. */
export const isEmptyPath = (task: Task, path: bigint): boolean =>
  path === 0n || task.kernel.peek(task, path, 1)?.[0] === 0;

const store = (task: Task, stat: Stat, address: bigint): number | Errno =>
  copyOut(task.mm, address, statBytes(stat)) === undefined ? 0 : EFAULT;
