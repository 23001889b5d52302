/** rename(2), renameat(2) and renameat2(2): fs/namei.c (`do_renameat2`, `vfs_rename`). */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, Errno, EXDEV } from '../../abi/errno.ts';
import { AT_FDCWD, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from '../../abi/fcntl.ts';
import { S_IFCHR } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from '../vfs/dentry.ts';
import type { Directory } from '../vfs/inode.ts';
import type { Place } from '../vfs/path.ts';
import { identityOf, MAY_WRITE, mayAccess, mayRemove } from '../vfs/permissions.ts';
import { dirFd, inPath, renameFlags } from './args/files.ts';
import { syscall } from './define.ts';
import { mayChangeNames, mustBeWritable, newInode, placeAt } from './path-args.ts';

/** rename(2). What it was over is gone at the same moment. */
export const rename = syscall({
  number: 82,
  name: 'rename',
  args: { from: inPath, to: inPath },
  support: 'full',
  run: (task, { from, to }) => renameAt(task, AT_FDCWD, from, AT_FDCWD, to, 0),
});

export const renameat = syscall({
  number: 264,
  name: 'renameat',
  args: { fromFd: dirFd, from: inPath, toFd: dirFd, to: inPath },
  support: 'full',
  run: (task, { fromFd, from, toFd, to }) => renameAt(task, fromFd, from, toFd, to, 0),
});

/**
 * renameat2(2). EINVAL: flags that do not go together, or a directory would get into itself. EXDEV: another mount.
 * EBUSY: `.`, `..`, the root, a mount point. ENOTEMPTY, EISDIR, ENOTDIR: what is replaced must be of the same sort, and
 * empty. EEXIST: RENAME_NOREPLACE. EPERM: a sticky directory. EACCES, ENOENT, EROFS.
 */
export const renameat2 = syscall({
  number: 316,
  name: 'renameat2',
  args: { fromFd: dirFd, from: inPath, toFd: dirFd, to: inPath, flags: renameFlags },
  support: 'full',
  run: (task, { fromFd, from, toFd, to, flags }) => renameAt(task, fromFd, from, toFd, to, flags),
});

function renameAt(task: Task, fromFd: number, from: bigint, toFd: number, to: bigint, flags: number): number | Errno {
  if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) return EINVAL;
  const exchanges = (flags & RENAME_EXCHANGE) !== 0;
  if (exchanges && flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) return EINVAL;
  const old = placeAt(task, fromFd, from);
  if (old instanceof Errno) return old;
  const place = placeAt(task, toFd, to);
  if (place instanceof Errno) return place;
  if (old.parent.inode.fs !== place.parent.inode.fs) return EXDEV;
  if (old.name === '') return EBUSY;
  if (place.name === '') return flags & RENAME_NOREPLACE ? EEXIST : EBUSY;
  const readOnly = mustBeWritable(old.parent.inode);
  if (readOnly !== undefined) return readOnly;
  if (old.found === undefined) return ENOENT;
  const failed = mayMeet(old, old.found, place, flags);
  if (failed !== undefined) return failed;
  return move(task, old.parent, under(old.found), place, flags) ?? 0;
}

/** What is under a mount point: the name that would be moved. */
function under(found: Dentry): Dentry {
  let at = found;
  while (at.isRoot && at.covers !== undefined) at = at.covers;
  return at;
}

/** Whether the two names allow it, whoever asks. */
function mayMeet(old: Place, source: Dentry, place: Place, flags: number): Errno | undefined {
  const { found: target } = place;
  const exchanges = (flags & RENAME_EXCHANGE) !== 0;
  if (flags & RENAME_NOREPLACE && target !== undefined) return EEXIST;
  if (exchanges) {
    if (target === undefined) return ENOENT;
    if (!target.inode.isDirectory && place.isDirectoryMeant) return ENOTDIR;
  }
  if (!source.inode.isDirectory && (old.isDirectoryMeant || (!exchanges && place.isDirectoryMeant))) return ENOTDIR;
  if (old.parent === place.parent) return undefined;
  if (place.parent.isWithin(source)) return EINVAL;
  if (target !== undefined && old.parent.isWithin(target)) return exchanges ? EINVAL : ENOTEMPTY;
  return undefined;
}

function move(task: Task, from: Dentry, source: Dentry, place: Place, flags: number): Errno | undefined {
  const exchanges = (flags & RENAME_EXCHANGE) !== 0;
  const { parent: to, name } = place;
  const target = place.found && under(place.found);
  if (source.inode === target?.inode) return undefined;
  const who = identityOf(task);
  const isDirectory = source.inode.isDirectory;
  const failed =
    mayDelete(task, from, source, isDirectory) ??
    (target === undefined
      ? mayChangeNames(task, to)
      : mayDelete(task, to, target, exchanges ? target.inode.isDirectory : isDirectory));
  if (failed !== undefined) return failed;
  if (from !== to) {
    // A directory that gets another parent has its `..` changed.
    if (isDirectory && mayAccess(who, source.inode, MAY_WRITE)) return mayAccess(who, source.inode, MAY_WRITE);
    if (exchanges && target!.inode.isDirectory && mayAccess(who, target!.inode, MAY_WRITE))
      return mayAccess(who, target!.inode, MAY_WRITE);
  }
  if (source.mounted !== undefined || target?.mounted !== undefined) return EBUSY;
  if (exchanges) {
    const refused = from.directory.exchange(source.name, source.inode, to.directory, name, target!.inode);
    if (refused === undefined) source.exchange(target!);
    return refused;
  }
  const before = source.name;
  const refused = from.directory.rename(before, source.inode, to.directory as Directory, name, target?.inode);
  if (refused !== undefined) return refused;
  to.adopt(source, name);
  if (!(flags & RENAME_WHITEOUT)) return undefined;
  const whiteout = from.directory.create(before, newInode(task, from, S_IFCHR));
  if (whiteout instanceof Errno) return whiteout;
  from.add(before, whiteout);
  return undefined;
}

/** Whether a name may go to make way for something that is a directory, or is none (`may_delete`). */
function mayDelete(task: Task, parent: Dentry, victim: Dentry, isDirectory: boolean): Errno | undefined {
  const failed = mayChangeNames(task, parent) ?? mayRemove(identityOf(task), parent.inode, victim.inode);
  if (failed !== undefined) return failed;
  if (isDirectory !== victim.inode.isDirectory) return isDirectory ? ENOTDIR : EISDIR;
  return undefined;
}
