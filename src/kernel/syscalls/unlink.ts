/** unlink(2), unlinkat(2) and rmdir(2): fs/namei.c. */
import { EBUSY, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, Errno } from '../../abi/errno.ts';
import { AT_FDCWD, AT_REMOVEDIR } from '../../abi/fcntl.ts';
import { IN_ATTRIB } from '../../abi/inotify.ts';
import type { Task } from '../task/task.ts';
import { inodeEvent } from '../vfs/file-events.ts';
import { isDirectory } from '../vfs/inode.ts';
import { identityOf, mayRemove } from '../vfs/permissions.ts';
import { dirFd, inPath, unlinkFlags } from './args/files.ts';
import { syscall } from './define.ts';
import { mayChangeNames, placeAt } from './path-args.ts';

/** unlink(2). EISDIR; ENOENT; EACCES; EPERM: a sticky directory; EROFS. */
export const unlink = syscall({
  number: 87,
  name: 'unlink',
  args: { path: inPath },
  support: 'full',
  run: (task, { path }) => removeFile(task, AT_FDCWD, path),
});

/** rmdir(2). ENOTEMPTY: also for `..`. EINVAL: `.`. EBUSY: something is mounted there. */
export const rmdir = syscall({
  number: 84,
  name: 'rmdir',
  args: { path: inPath },
  support: 'full',
  run: (task, { path }) => removeDirectory(task, AT_FDCWD, path),
});

/** unlinkat(2). EINVAL: unknown flags. */
export const unlinkat = syscall({
  number: 263,
  name: 'unlinkat',
  args: { fd: dirFd, path: inPath, flags: unlinkFlags },
  support: 'full',
  run(task, { fd, path, flags }) {
    if (flags & ~AT_REMOVEDIR) return EINVAL;
    return flags & AT_REMOVEDIR ? removeDirectory(task, fd, path) : removeFile(task, fd, path);
  },
});

function removeFile(task: Task, fd: number, path: bigint): number | Errno {
  const place = placeAt(task, fd, path);
  if (place instanceof Errno) return place;
  const { parent, name, found, isDirectoryMeant } = place;
  if (name === '') return EISDIR;
  if (found === undefined) return ENOENT;
  if (isDirectoryMeant && !isDirectory(found.inode)) return ENOTDIR;
  const failed = mayChangeNames(task, parent) ?? mayRemove(identityOf(task), parent.inode, found.inode);
  if (failed !== undefined) return failed;
  if (isDirectory(found.inode)) return EISDIR;
  const { inode } = found;
  inode.hold();
  const refused = parent.directory.unlink(name, inode);
  if (refused === undefined) inodeEvent(inode, IN_ATTRIB);
  inode.unhold();
  if (refused !== undefined) return refused;
  parent.removed(found);
  return 0;
}

function removeDirectory(task: Task, fd: number, path: bigint): number | Errno {
  const place = placeAt(task, fd, path);
  if (place instanceof Errno) return place;
  const { parent, name, found, dots } = place;
  if (name === '') return dots === '..' ? ENOTEMPTY : dots === '.' ? EINVAL : EBUSY;
  if (found === undefined) return ENOENT;
  const failed = mayChangeNames(task, parent) ?? mayRemove(identityOf(task), parent.inode, found.inode);
  if (failed !== undefined) return failed;
  if (!isDirectory(found.inode)) return ENOTDIR;
  if (found.isRoot) return EBUSY;
  const refused = parent.directory.removeDirectory(name, found.inode);
  if (refused !== undefined) return refused;
  parent.removed(found);
  return 0;
}
