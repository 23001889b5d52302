/** readlink(2) and readlinkat(2): fs/stat.c. The one link there is says which program runs: proc(5), /proc/self/exe. */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { copyOut, readPath } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { dirFd, inPath } from './args/files.ts';
import { outBytes } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { pathError } from './stat.ts';

const missing = 'every link but /proc/self/exe';
const INT_MAX = 0x7fff_ffff;

/** readlink(2). EINVAL: a size that is not positive, or not a link. What does not fit is cut off, and no NUL is added. */
export const readlink = syscall({
  number: 89,
  name: 'readlink',
  args: { path: inPath, buffer: outBytes, size },
  support: { missing },
  run: (task, { path, buffer, size }) => readLink(task, AT_FDCWD, path, buffer, size),
});

/** readlinkat(2). */
export const readlinkat = syscall({
  number: 267,
  name: 'readlinkat',
  args: { fd: dirFd, path: inPath, buffer: outBytes, size },
  support: { missing },
  run: (task, { fd, path, buffer, size }) => readLink(task, fd, path, buffer, size),
});

function readLink(task: Task, dirFd: number, address: bigint, buffer: bigint, size: bigint): number | Errno {
  const most = Number(BigInt.asUintN(32, size));
  if (most === 0 || most > INT_MAX) return EINVAL;
  const path = readPath(task.mm, address);
  if (path instanceof Errno) return path;
  if (path === '/proc/self/exe' || path === `/proc/${task.pid}/exe`) {
    const target = new TextEncoder().encode(task.process.exe).subarray(0, most);
    return copyOut(task.mm, buffer, target) === undefined ? target.length : EFAULT;
  }
  return path === '/' || path === task.process.exe ? EINVAL : pathError(task, dirFd, path);
}
