/**
 * Owner, permissions, size and times of a file as somebody changes them: fs/attr.c. The bits S_ISUID and S_ISGID go when
 * a file gets another owner or other contents, unless it is root who does that.
 */
import { EACCES, EFBIG, EINVAL, EISDIR, ENOTSUP, EPERM, EROFS, type Errno, ETXTBSY } from '../../abi/errno.ts';
import { IN_ACCESS, IN_ATTRIB, IN_MODIFY } from '../../abi/inotify.ts';
import { RLIM_INFINITY, RLIMIT_FSIZE } from '../../abi/resource.ts';
import { SIGXFSZ } from '../../abi/signal.ts';
import { S_IFDIR, S_IFLNK, S_IFREG, S_ISGID, S_ISUID } from '../../abi/stat.ts';
import type { Timestamp } from '../../abi/time.ts';
import type { Credentials } from '../task/credentials.ts';
import { fromTask, sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from './dentry.ts';
import { fileEvent } from './file-events.ts';
import { type AttributeChange, type Inode, isRegular, type RegularFile } from './inode.ts';
import { identityOf, isOwnGroup, MAY_WRITE, mayAccess, mayChangeOwner, mustOwn } from './permissions.ts';

const S_IXGRP = 0o010;
/** An id that is left as it is. */
export const NO_ID = 0xffff_ffff;

/** chmod(2). EROFS; EOPNOTSUPP: a symbolic link; EPERM: somebody else's. */
export function changeMode(task: Task, dentry: Dentry, mode: number): Errno | undefined {
  const { inode } = dentry;
  if (inode.fs.isReadOnly) return EROFS;
  if (inode.kind === S_IFLNK) return ENOTSUP;
  const who = identityOf(task);
  const failed = mustOwn(who, inode);
  if (failed !== undefined) return failed;
  return change(dentry, { mode: isOwnGroup(who, inode.gid) ? mode : mode & ~S_ISGID });
}

/** chown(2). EROFS. EPERM: only root gives files away; their owner may give them to a group that he is in. */
export function changeOwner(task: Task, dentry: Dentry, uid: number, gid: number): Errno | undefined {
  const { inode } = dentry;
  if (inode.fs.isReadOnly) return EROFS;
  const who = identityOf(task);
  const mode = inode.kind === S_IFDIR ? inode.mode : inode.mode & ~S_ISUID & ~droppedSetgid(who, inode);
  const isOwner = who.fsuid === inode.uid;
  if (!mayChangeOwner(who)) {
    if (uid !== NO_ID && !(isOwner && uid === inode.uid)) return EPERM;
    if (gid !== NO_ID && !(isOwner && (isOwnGroup(who, gid) || gid === inode.gid))) return EPERM;
    if (mode !== inode.mode && !isOwner) return EPERM;
  }
  return change(dentry, {
    ...(uid === NO_ID ? {} : { uid }),
    ...(gid === NO_ID ? {} : { gid }),
    ...(mode === inode.mode ? {} : { mode }),
  });
}

/** S_ISGID if it has to go (`setattr_should_drop_sgid`). */
const droppedSetgid = (who: Credentials, { mode, gid }: Inode): number =>
  mode & S_ISGID && (mode & S_IXGRP || !isOwnGroup(who, gid)) ? S_ISGID : 0;

/** What a write takes from a file's mode (`file_remove_privs`). */
export function dropPrivileges(task: Task, inode: Inode): void {
  if (!(inode.mode & (S_ISUID | S_ISGID)) || inode.kind !== S_IFREG) return;
  const who = identityOf(task);
  if (mayChangeOwner(who)) return;
  const mode = inode.mode & ~S_ISUID & ~droppedSetgid(who, inode);
  if (mode !== inode.mode) inode.setAttributes({ mode });
}

/** truncate(2) of what a path leads to. EISDIR, EINVAL, EROFS, EACCES, ETXTBSY, EFBIG. */
export function truncatePath(task: Task, inode: Inode, sizeBytes: bigint): Errno | undefined {
  if (inode.kind === S_IFDIR) return EISDIR;
  if (!isRegular(inode)) return EINVAL;
  if (inode.fs.isReadOnly) return EROFS;
  if (mayAccess(identityOf(task), inode, MAY_WRITE)) return EACCES;
  if (inode.runs > 0) return ETXTBSY;
  return inode.sizeBytes === Number(sizeBytes) ? undefined : resize(task, inode, sizeBytes);
}

/** Gives a file that may be written another size. EFBIG, with SIGXFSZ where it is the process's limit. */
export function resize(task: Task, inode: RegularFile, sizeBytes: bigint): Errno | undefined {
  const failed = mayGrow(task, inode, sizeBytes);
  if (failed !== undefined) return failed;
  dropPrivileges(task, inode);
  return inode.truncate(Number(sizeBytes));
}

/** Whether a file may get so large (`inode_newsize_ok`). */
export function mayGrow(task: Task, inode: RegularFile, sizeBytes: bigint): Errno | undefined {
  if (sizeBytes <= BigInt(inode.sizeBytes)) return undefined;
  const limit = task.process.limits[RLIMIT_FSIZE].soft;
  if (limit !== RLIM_INFINITY && sizeBytes > limit) {
    sendSignal(task, fromTask(task, SIGXFSZ));
    return EFBIG;
  }
  return sizeBytes > BigInt(inode.maxBytes) ? EFBIG : undefined;
}

export type NewTime = Timestamp | 'now' | 'omit';
export interface NewTimes {
  readonly accessed: NewTime;
  readonly modified: NewTime;
}

/** utimensat(2); undefined for now, which whoever may write may say. EROFS; EPERM, EACCES: somebody else's. */
export function changeTimes(task: Task, dentry: Dentry, times: NewTimes | undefined): Errno | undefined {
  const { inode } = dentry;
  if (inode.fs.isReadOnly) return EROFS;
  const who = identityOf(task);
  const isNow = times === undefined || (times.accessed === 'now' && times.modified === 'now');
  if (mustOwn(who, inode)) {
    if (!isNow) return EPERM;
    if (mayAccess(who, inode, MAY_WRITE)) return EACCES;
  }
  const now = inode.fs.host.realTime();
  const moment = (time: NewTime): Timestamp | undefined => (time === 'now' ? now : time === 'omit' ? undefined : time);
  const accessed = moment(times?.accessed ?? 'now');
  const modified = moment(times?.modified ?? 'now');
  return change(dentry, { ...(accessed && { accessed }), ...(modified && { modified }) });
}

/** Changes attributes and tells who watches (`fsnotify_change`): one time alone looks like reading or writing. */
function change(dentry: Dentry, attributes: AttributeChange): Errno | undefined {
  const failed = dentry.inode.setAttributes(attributes);
  if (failed !== undefined) return failed;
  const { mode, uid, gid, accessed, modified } = attributes;
  const isAttribute = mode !== undefined || uid !== undefined || gid !== undefined;
  const ofTimes = accessed && modified ? IN_ATTRIB : accessed ? IN_ACCESS : modified ? IN_MODIFY : 0;
  const events = (isAttribute ? IN_ATTRIB : 0) | ofTimes;
  if (events !== 0) fileEvent(dentry, events);
  return undefined;
}
