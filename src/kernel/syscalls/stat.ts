/** fstat(2) and newfstatat(2): fs/stat.c. */
import { EBADF, EFAULT, EINVAL, ENOENT, ENOTDIR, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import { statBytes } from '../../abi/stat.ts';
import { copyOut, readPath } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { atFlags, dirFd, fd, inPath, outStat } from './args/files.ts';
import { syscall } from './define.ts';

const FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

/** fstat(2). EBADF, EFAULT. */
export const fstat = syscall({
  number: 5,
  name: 'fstat',
  args: { fd, stat: outStat },
  support: 'full',
  run: (task, { fd, stat }) => statDescriptor(task, fd, stat),
});

/** newfstatat(2). EINVAL: unknown flags. An empty path means the descriptor itself, with AT_EMPTY_PATH. ENOENT: no such file. */
export const newfstatat = syscall({
  number: 262,
  name: 'newfstatat',
  args: { fd: dirFd, path: inPath, stat: outStat, flags: atFlags },
  support: { missing: 'paths: no file has a name yet' },
  run(task, { fd, path: address, stat, flags }) {
    if (flags & ~FLAGS) return EINVAL;
    const mayBeEmpty = (flags & AT_EMPTY_PATH) !== 0;
    const path = address === 0n && mayBeEmpty ? '' : readPath(task.mm, address);
    if (path instanceof Errno) return path;
    if (path === '' && mayBeEmpty && fd !== AT_FDCWD) return statDescriptor(task, fd, stat);
    return pathError(task, fd, path);
  },
});

function statDescriptor(task: Task, fd: number, address: bigint): number | Errno {
  const file = task.files.find(fd);
  if (file === undefined) return EBADF;
  return copyOut(task.mm, address, statBytes(file.stat())) === undefined ? 0 : EFAULT;
}

/** Why a path leads to nothing: no directory is open, and none has files in it. */
export function pathError(task: Task, dirFd: number, path: string): Errno {
  if (path === '' || path.startsWith('/') || dirFd === AT_FDCWD) return ENOENT;
  return task.files.find(dirFd) === undefined ? EBADF : ENOTDIR;
}
