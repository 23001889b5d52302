/** What the calls on paths have in common: a path from a program's memory to the file it names. fs/namei.c. */
import { EBADF, EEXIST, EINVAL, ENOENT, EROFS, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import { readPath } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from '../vfs/dentry.ts';
import type { Inode } from '../vfs/inode.ts';
import { findFile, findPlace, type Place } from '../vfs/path.ts';
import { identityOf, MAY_EXECUTE, MAY_WRITE, mayAccess } from '../vfs/permissions.ts';

/** The file that a call with a descriptor, a path and AT_ flags means. EINVAL: a flag that is not allowed. */
export function fileAt(
  task: Task,
  dirFd: number,
  address: bigint,
  flags: number,
  allowed: number = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
): Dentry | Errno {
  if (flags & ~allowed) return EINVAL;
  const path = readPath(task.mm, address);
  if (path instanceof Errno) return path;
  const follow = allowed & AT_SYMLINK_FOLLOW ? (flags & AT_SYMLINK_FOLLOW) !== 0 : !(flags & AT_SYMLINK_NOFOLLOW);
  if (path === '' && flags & AT_EMPTY_PATH) {
    if (dirFd === AT_FDCWD) return task.fs.cwd;
    const file = task.files.findRaw(dirFd);
    return file === undefined ? EBADF : (file.dentry ?? ENOENT);
  }
  return findFile(task, path, { dirFd, follow });
}

/** The file of a path that follows links. */
export function fileOf(task: Task, address: bigint, follow = true): Dentry | Errno {
  const path = readPath(task.mm, address);
  return path instanceof Errno ? path : findFile(task, path, { follow });
}

/** The place that a call makes or removes a name at. */
export function placeAt(task: Task, dirFd: number, address: bigint): Place | Errno {
  const path = readPath(task.mm, address);
  return path instanceof Errno ? path : findPlace(task, path, { dirFd, follow: false, isName: true });
}

/** The place that a call makes a name at (`filename_create`). EEXIST; ENOENT: a slash after what is no directory; EROFS. */
export function newPlaceAt(task: Task, dirFd: number, address: bigint, isDirectory: boolean): Place | Errno {
  const place = placeAt(task, dirFd, address);
  if (place instanceof Errno) return place;
  if (place.found !== undefined) return EEXIST;
  if (place.isDirectoryMeant && !isDirectory) return ENOENT;
  return mustBeWritable(place.parent.inode) ?? place;
}

/** Whether names in a directory may be made and removed. ENOENT: it has been removed itself. EROFS, EACCES. */
export function mayChangeNames(task: Task, parent: Dentry): Errno | undefined {
  const { inode } = parent;
  if (inode.links === 0) return ENOENT;
  return mustBeWritable(inode) ?? mayAccess(identityOf(task), inode, MAY_WRITE | MAY_EXECUTE);
}

/** EROFS. */
export const mustBeWritable = (inode: Inode): Errno | undefined => (inode.fs.isReadOnly ? EROFS : undefined);

/** Who owns a new file in a directory, and with which permissions. */
export function newInode(task: Task, parent: Dentry, mode: number): { mode: number; uid: number; gid: number } {
  const { uid, gid } = identityOf(task);
  const inherits = (parent.inode.mode & 0o2000) !== 0;
  return { mode, uid, gid: inherits ? parent.inode.gid : gid };
}
