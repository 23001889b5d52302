/** Who may do what with a file: path_resolution(7), "Permissions"; fs/namei.c (`generic_permission`). */
import { EACCES, EPERM, type Errno } from '../../abi/errno.ts';
import { S_ISVTX } from '../../abi/stat.ts';
import { type Credentials, isInGroup } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from './inode.ts';

export const MAY_READ = 4;
export const MAY_WRITE = 2;
export const MAY_EXECUTE = 1;

/** Who a task is when it comes to files. */
export const identityOf = (task: Task): Credentials => task.credentials;

const isPrivileged = ({ fsuid }: Credentials): boolean => fsuid === 0;

/** EACCES. Root may do everything but execute what nobody may. */
export function mayAccess(who: Credentials, inode: Inode, wanted: number): Errno | undefined {
  if (isPrivileged(who))
    return wanted & MAY_EXECUTE && !inode.isDirectory && !(inode.mode & 0o111) ? EACCES : undefined;
  const shift = inode.uid === who.fsuid ? 6 : isInGroup(who, inode.gid) ? 3 : 0;
  return ((inode.mode >> shift) & wanted) === wanted ? undefined : EACCES;
}

/** Whether a group's files are his own when it comes to S_ISGID (`in_group_or_capable`). */
export const isOwnGroup = (who: Credentials, gid: number): boolean => isPrivileged(who) || isInGroup(who, gid);

/** Whether he may give files away, and change what is not his. */
export const mayChangeOwner = (who: Credentials): boolean => isPrivileged(who);

/** EPERM: neither the owner nor root. */
export const mustOwn = (who: Credentials, inode: Inode): Errno | undefined =>
  isPrivileged(who) || who.fsuid === inode.uid ? undefined : EPERM;

/** EPERM: in a sticky directory, names go only by their owner or the directory's. */
export const mayRemove = (who: Credentials, directory: Inode, inode: Inode): Errno | undefined =>
  !(directory.mode & S_ISVTX) || isPrivileged(who) || who.fsuid === inode.uid || who.fsuid === directory.uid
    ? undefined
    : EPERM;
