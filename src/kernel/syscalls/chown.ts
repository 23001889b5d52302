/** chown(2), lchown(2), fchown(2) and fchownat(2): fs/open.c (`chown_common`). */
import { EBADF, Errno } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import { changeOwner } from '../vfs/attributes.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { atFlags, dirFd, fd, inPath, ownerId } from './args/files.ts';
import { syscall } from './define.ts';
import { fileAt, fileOf } from './path-args.ts';

const change = (task: Task, found: Dentry | Errno, owner: number, group: number): number | Errno =>
  found instanceof Errno ? found : (changeOwner(task, found, owner, group) ?? 0);

/** chown(2). EPERM: only root may, but for the group of one's own file. EROFS. */
export const chown = syscall({
  number: 92,
  name: 'chown',
  args: { path: inPath, owner: ownerId, group: ownerId },
  support: 'full',
  run: (task, { path, owner, group }) => change(task, fileOf(task, path), owner, group),
});

/** lchown(2): of a link itself. */
export const lchown = syscall({
  number: 94,
  name: 'lchown',
  args: { path: inPath, owner: ownerId, group: ownerId },
  support: 'full',
  run: (task, { path, owner, group }) => change(task, fileOf(task, path, false), owner, group),
});

/** fchown(2). EBADF. */
export const fchown = syscall({
  number: 93,
  name: 'fchown',
  args: { fd, owner: ownerId, group: ownerId },
  support: 'full',
  run(task, { fd, owner, group }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    return file.dentry === undefined ? 0 : (changeOwner(task, file.dentry, owner, group) ?? 0);
  },
});

/** fchownat(2). EINVAL: flags. */
export const fchownat = syscall({
  number: 260,
  name: 'fchownat',
  args: { fd: dirFd, path: inPath, owner: ownerId, group: ownerId, flags: atFlags },
  support: 'full',
  run: (task, { fd, path, owner, group, flags }) => change(task, fileAt(task, fd, path, flags), owner, group),
});
