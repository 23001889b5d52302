/** chmod(2), fchmod(2), fchmodat(2) and fchmodat2(2): fs/open.c (`chmod_common`). */
import { EBADF, Errno } from '../../abi/errno.ts';
import { changeMode } from '../vfs/attributes.ts';
import { atFlags, dirFd, fd, fileMode, inPath } from './args/files.ts';
import { syscall } from './define.ts';
import { fileAt, fileOf } from './path-args.ts';

/** chmod(2). EPERM: somebody else's file. EROFS. */
export const chmod = syscall({
  number: 90,
  name: 'chmod',
  args: { path: inPath, mode: fileMode },
  support: 'full',
  run(task, { path, mode }) {
    const found = fileOf(task, path);
    return found instanceof Errno ? found : (changeMode(task, found, mode) ?? 0);
  },
});

/** fchmod(2). EBADF. */
export const fchmod = syscall({
  number: 91,
  name: 'fchmod',
  args: { fd, mode: fileMode },
  support: 'full',
  run(task, { fd, mode }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    // What has no name has no permissions that anybody would ask for.
    return file.dentry === undefined ? 0 : (changeMode(task, file.dentry, mode) ?? 0);
  },
});

/** fchmodat(2), which has no flags: glibc's are not the kernel's. */
export const fchmodat = syscall({
  number: 268,
  name: 'fchmodat',
  args: { fd: dirFd, path: inPath, mode: fileMode },
  support: 'full',
  run(task, { fd, path, mode }) {
    const found = fileAt(task, fd, path, 0);
    return found instanceof Errno ? found : (changeMode(task, found, mode) ?? 0);
  },
});

/** fchmodat2(2). EINVAL: flags. EOPNOTSUPP: a symbolic link has no permissions. */
export const fchmodat2 = syscall({
  number: 452,
  name: 'fchmodat2',
  args: { fd: dirFd, path: inPath, mode: fileMode, flags: atFlags },
  support: 'full',
  run(task, { fd, path, mode, flags }) {
    const found = fileAt(task, fd, path, flags);
    return found instanceof Errno ? found : (changeMode(task, found, mode) ?? 0);
  },
});
