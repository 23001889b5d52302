/** mkdir(2), mkdirat(2), mknod(2) and mknodat(2): fs/namei.c. */
import { EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import { identityOf } from '../vfs/permissions.ts';
import { deviceId, dirFd, fileMode, inPath, nodeMode } from './args/files.ts';
import { syscall } from './define.ts';
import { mayChangeNames, newInode, newPlaceAt } from './path-args.ts';

/** mkdir(2). EEXIST, and what the path and its directory say: EACCES, EROFS, ENOENT, ENOTDIR, ... */
export const mkdir = syscall({
  number: 83,
  name: 'mkdir',
  args: { path: inPath, mode: fileMode },
  support: 'full',
  run: (task, { path, mode }) => makeDirectory(task, AT_FDCWD, path, mode),
});

export const mkdirat = syscall({
  number: 258,
  name: 'mkdirat',
  args: { fd: dirFd, path: inPath, mode: fileMode },
  support: 'full',
  run: (task, { fd, path, mode }) => makeDirectory(task, fd, path, mode),
});

function makeDirectory(task: Task, fd: number, path: bigint, mode: number): number | Errno {
  const place = newPlaceAt(task, fd, path, true);
  if (place instanceof Errno) return place;
  const { parent, name } = place;
  const failed = mayChangeNames(task, parent);
  if (failed !== undefined) return failed;
  const inherited = parent.inode.mode & 0o2000;
  const permissions = (mode & 0o1777 & ~task.fs.umask) | inherited;
  const made = parent.directory.makeDirectory(name, newInode(task, parent, S_IFDIR | permissions));
  if (made instanceof Errno) return made;
  parent.addNew(name, made);
  return 0;
}

/** mknod(2). EPERM: a device, or a kind that cannot be made so. EINVAL: no such kind. */
export const mknod = syscall({
  number: 133,
  name: 'mknod',
  args: { path: inPath, mode: nodeMode, device: deviceId },
  support: 'full',
  run: (task, { path, mode, device }) => makeNode(task, AT_FDCWD, path, mode, device),
});

export const mknodat = syscall({
  number: 259,
  name: 'mknodat',
  args: { fd: dirFd, path: inPath, mode: nodeMode, device: deviceId },
  support: 'full',
  run: (task, { fd, path, mode, device }) => makeNode(task, fd, path, mode, device),
});

function makeNode(task: Task, fd: number, path: bigint, given: number, device: number): number | Errno {
  const kind = given & S_IFMT || S_IFREG;
  if (kind === S_IFDIR) return EPERM;
  const isDevice = kind === S_IFCHR || kind === S_IFBLK;
  if (!isDevice && kind !== S_IFREG && kind !== S_IFIFO && kind !== S_IFSOCK) return EINVAL;
  const place = newPlaceAt(task, fd, path, false);
  if (place instanceof Errno) return place;
  const { parent, name } = place;
  const failed = mayChangeNames(task, parent);
  if (failed !== undefined) return failed;
  // A device 0:0 stands for nothing: anybody may hide a name with it (WHITEOUT_DEV).
  const isWhiteout = kind === S_IFCHR && device === 0;
  if (isDevice && !isWhiteout && identityOf(task).uid !== 0) return EPERM;
  const mode = kind | (given & 0o7777 & ~task.fs.umask);
  const made = parent.directory.create(name, { ...newInode(task, parent, mode), rdev: isDevice ? device : 0 });
  if (made instanceof Errno) return made;
  parent.addNew(name, made);
  return 0;
}
