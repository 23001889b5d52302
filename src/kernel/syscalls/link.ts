/** link(2), linkat(2), symlink(2) and symlinkat(2): fs/namei.c. */
import { ENOENT, EPERM, Errno, EXDEV } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_FOLLOW } from '../../abi/fcntl.ts';
import { S_IFREG, S_ISGID, S_ISUID } from '../../abi/stat.ts';
import { readPath } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { identityOf, MAY_READ, MAY_WRITE, mayAccess, mustOwn } from '../vfs/permissions.ts';
import { dirFd, inPath, linkFlags } from './args/files.ts';
import { syscall } from './define.ts';
import { fileAt, mayChangeNames, newInode, newPlaceAt } from './path-args.ts';

/** link(2): another name for a file; a symbolic link gets one itself. */
export const link = syscall({
  number: 86,
  name: 'link',
  args: { from: inPath, to: inPath },
  support: 'full',
  run: (task, { from, to }) => linkAt(task, AT_FDCWD, from, AT_FDCWD, to, 0),
});

/**
 * linkat(2). EEXIST; EXDEV; EPERM: a directory, or a file that its user may neither read and write nor owns
 * (fs.protected_hardlinks); ENOENT: its last name has gone, or O_TMPFILE came with O_EXCL; EINVAL: flags.
 */
export const linkat = syscall({
  number: 265,
  name: 'linkat',
  args: { fromFd: dirFd, from: inPath, toFd: dirFd, to: inPath, flags: linkFlags },
  support: 'full',
  run: (task, { fromFd, from, toFd, to, flags }) => linkAt(task, fromFd, from, toFd, to, flags),
});

function linkAt(task: Task, fromFd: number, from: bigint, toFd: number, to: bigint, flags: number): number | Errno {
  const source = fileAt(task, fromFd, from, flags, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
  if (source instanceof Errno) return source;
  const place = newPlaceAt(task, toFd, to, false);
  if (place instanceof Errno) return place;
  const { parent, name } = place;
  const { inode } = source;
  if (inode.fs !== parent.inode.fs) return EXDEV;
  const failed = mayLink(task, inode) ?? mayChangeNames(task, parent);
  if (failed !== undefined) return failed;
  if (inode.isDirectory) return EPERM;
  if (inode.links === 0 && !inode.isLinkable) return ENOENT;
  const refused = parent.directory.link(name, inode);
  if (refused !== undefined) return refused;
  inode.isLinkable = false;
  parent.addNew(name, inode);
  return 0;
}

/** fs.protected_hardlinks: nobody keeps another's file alive that he could not have copied (`may_linkat`). */
function mayLink(task: Task, inode: Inode): Errno | undefined {
  const who = identityOf(task);
  const { kind, mode } = inode;
  const isSafe = kind === S_IFREG && !(mode & S_ISUID) && (mode & (S_ISGID | 0o010)) !== (S_ISGID | 0o010);
  if (isSafe && mayAccess(who, inode, MAY_READ | MAY_WRITE) === undefined) return undefined;
  return mustOwn(who, inode);
}

/** symlink(2). ENOENT: an empty target. EEXIST, and what a new name may meet. */
export const symlink = syscall({
  number: 88,
  name: 'symlink',
  args: { target: inPath, path: inPath },
  support: 'full',
  run: (task, { target, path }) => makeSymlink(task, target, AT_FDCWD, path),
});

export const symlinkat = syscall({
  number: 266,
  name: 'symlinkat',
  args: { target: inPath, fd: dirFd, path: inPath },
  support: 'full',
  run: (task, { target, fd, path }) => makeSymlink(task, target, fd, path),
});

function makeSymlink(task: Task, target: bigint, fd: number, path: bigint): number | Errno {
  const text = readPath(task.mm, target);
  if (text instanceof Errno) return text;
  if (text === '') return ENOENT;
  const place = newPlaceAt(task, fd, path, false);
  if (place instanceof Errno) return place;
  const { parent, name } = place;
  const failed = mayChangeNames(task, parent);
  if (failed !== undefined) return failed;
  const made = parent.directory.makeSymlink(name, text, newInode(task, parent, 0));
  if (made instanceof Errno) return made;
  parent.addNew(name, made);
  return 0;
}
