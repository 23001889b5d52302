/** chdir(2), fchdir(2), chroot(2), getcwd(2) and umask(2): fs/open.c, fs/d_path.c. */
import { EACCES, EBADF, EFAULT, ENOENT, ENOTDIR, EPERM, ERANGE, Errno } from '../../abi/errno.ts';
import { bytesOfName } from '../../base/names.ts';
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { isDirectory } from '../vfs/inode.ts';
import { identityOf, MAY_EXECUTE, mayAccess } from '../vfs/permissions.ts';
import { cwdText, fd, fileMode, inPath } from './args/files.ts';
import { size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { fileOf } from './path-args.ts';

/** chdir(2). ENOTDIR; EACCES: it may not be searched; what the path leads to says. */
export const chdir = syscall({
  number: 80,
  name: 'chdir',
  args: { path: inPath },
  support: 'full',
  run(task, { path }) {
    const found = fileOf(task, path);
    return found instanceof Errno ? found : changeTo(task, found);
  },
});

/** fchdir(2). EBADF, ENOTDIR, EACCES. */
export const fchdir = syscall({
  number: 81,
  name: 'fchdir',
  args: { fd },
  support: 'full',
  run(task, { fd }) {
    const file = task.files.findRaw(fd);
    if (file === undefined) return EBADF;
    return file.dentry === undefined ? ENOTDIR : changeTo(task, file.dentry);
  },
});

function changeTo(task: Task, directory: Dentry): number | Errno {
  if (!isDirectory(directory.inode)) return ENOTDIR;
  if (mayAccess(identityOf(task), directory.inode, MAY_EXECUTE)) return EACCES;
  task.fs.cwd = directory;
  return 0;
}

/** chroot(2). EPERM: only root may. */
export const chroot = syscall({
  number: 161,
  name: 'chroot',
  args: { path: inPath },
  support: 'full',
  run(task, { path }) {
    const found = fileOf(task, path);
    if (found instanceof Errno) return found;
    if (!isDirectory(found.inode)) return ENOTDIR;
    if (identityOf(task).uid !== 0) return EPERM;
    task.fs.root = found;
    return 0;
  },
});

/** getcwd(2): bytes stored, the NUL among them. ERANGE: no room. ENOENT: it has been removed. EFAULT. */
export const getcwd = syscall({
  number: 79,
  name: 'getcwd',
  args: { buffer: cwdText, size },
  support: 'full',
  run(task, { buffer, size }) {
    const { cwd, root } = task.fs;
    if (cwd.isDeleted) return ENOENT;
    const path = cwd.isWithin(root) ? cwd.path(root) : `(unreachable)${cwd.path()}`;
    const bytes = bytesOfName(`${path}\0`);
    if (BigInt(bytes.length) > size) return ERANGE;
    return copyOut(task.mm, buffer, bytes) === undefined ? bytes.length : EFAULT;
  },
});

/** umask(2): the one before. */
export const umask = syscall({
  number: 95,
  name: 'umask',
  args: { mask: fileMode },
  support: 'full',
  run(task, { mask }) {
    const before = task.fs.umask;
    task.fs.umask = mask & 0o777;
    return before;
  },
  resultNote: (_args, result) => `0${result === 0n ? '' : result.toString(8)}`,
});
