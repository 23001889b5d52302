/** readlink(2) and readlinkat(2): fs/stat.c. */
import { EBADF, EFAULT, EINVAL, ENOENT, Errno } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { bytesOfName } from '../../base/names.ts';
import { copyOut, readPath } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { isSymlink } from '../vfs/inode.ts';
import { findFile } from '../vfs/path.ts';
import { dirFd, inPath } from './args/files.ts';
import { outBytes } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { syscall } from './define.ts';

const INT_MAX = 0x7fff_ffff;

/** readlink(2). EINVAL: a size that is not positive, or not a link. What does not fit is cut off, and no NUL is added. */
export const readlink = syscall({
  number: 89,
  name: 'readlink',
  args: { path: inPath, buffer: outBytes, size },
  support: 'full',
  run: (task, { path, buffer, size }) => readLink(task, AT_FDCWD, path, buffer, size),
});

/** readlinkat(2). An empty path means the descriptor itself, which then was opened with O_PATH and O_NOFOLLOW. */
export const readlinkat = syscall({
  number: 267,
  name: 'readlinkat',
  args: { fd: dirFd, path: inPath, buffer: outBytes, size },
  support: 'full',
  run: (task, { fd, path, buffer, size }) => readLink(task, fd, path, buffer, size),
});

function readLink(task: Task, fd: number, address: bigint, buffer: bigint, size: bigint): number | Errno {
  const most = Number(BigInt.asUintN(32, size));
  if (most === 0 || most > INT_MAX) return EINVAL;
  const path = readPath(task.mm, address);
  if (path instanceof Errno) return path;
  const found = path === '' ? linkOf(task, fd) : findFile(task, path, { dirFd: fd, follow: false });
  if (found instanceof Errno) return found;
  const { inode } = found;
  if (!isSymlink(inode)) return path === '' ? ENOENT : EINVAL;
  const target = inode.readlink(task);
  if (target instanceof Errno) return target;
  inode.touchAccessed();
  const bytes = bytesOfName(target).subarray(0, most);
  return copyOut(task.mm, buffer, bytes) === undefined ? bytes.length : EFAULT;
}

function linkOf(task: Task, fd: number) {
  if (fd === AT_FDCWD) return ENOENT;
  const file = task.files.findRaw(fd);
  return file === undefined ? EBADF : (file.dentry ?? ENOENT);
}
