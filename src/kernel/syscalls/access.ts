/** access(2), faccessat(2) and faccessat2(2): fs/open.c (`do_faccessat`). */
import { EINVAL, EROFS, Errno } from '../../abi/errno.ts';
import { AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import { MAY_WRITE, mayAccess } from '../vfs/permissions.ts';
import { accessFlags, accessMode, dirFd, inPath } from './args/files.ts';
import { syscall } from './define.ts';
import { fileAt } from './path-args.ts';

/** access(2): whether the real user may, whoever the program acts for. EACCES, EROFS; EINVAL: a mode. */
export const access = syscall({
  number: 21,
  name: 'access',
  args: { path: inPath, mode: accessMode },
  support: 'full',
  run: (task, { path, mode }) => accessAt(task, AT_FDCWD, path, mode, 0),
});

/** faccessat(2), which has no flags. */
export const faccessat = syscall({
  number: 269,
  name: 'faccessat',
  args: { fd: dirFd, path: inPath, mode: accessMode },
  support: 'full',
  run: (task, { fd, path, mode }) => accessAt(task, fd, path, mode, 0),
});

/** faccessat2(2): with AT_EACCESS as the program itself would see it. EINVAL: flags. */
export const faccessat2 = syscall({
  number: 439,
  name: 'faccessat2',
  args: { fd: dirFd, path: inPath, mode: accessMode, flags: accessFlags },
  support: 'full',
  run: (task, { fd, path, mode, flags }) => accessAt(task, fd, path, mode, flags),
});

function accessAt(task: Task, fd: number, path: bigint, mode: number, flags: number): number | Errno {
  if (mode & ~7) return EINVAL;
  if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return EINVAL;
  const { credentials } = task;
  if (!(flags & AT_EACCESS)) task.credentials = { ...credentials, fsuid: credentials.uid, fsgid: credentials.gid };
  const result = mayBe(task, fd, path, mode, flags & ~AT_EACCESS);
  task.credentials = credentials;
  return result;
}

function mayBe(task: Task, fd: number, path: bigint, mode: number, flags: number): number | Errno {
  const found = fileAt(task, fd, path, flags);
  if (found instanceof Errno) return found;
  const { inode } = found;
  const denied = mayAccess(task.credentials, inode, mode);
  if (denied !== undefined) return denied;
  const isStored = [S_IFREG, S_IFDIR, S_IFLNK].includes(inode.kind);
  return mode & MAY_WRITE && inode.fs.isReadOnly && isStored ? EROFS : 0;
}
