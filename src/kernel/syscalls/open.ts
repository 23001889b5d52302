/** open(2), openat(2) and creat(2): fs/open.c, fs/namei.c (`path_openat`). */
import { EEXIST, EINVAL, EISDIR, ELOOP, ENOTDIR, ENXIO, Errno, ETXTBSY } from '../../abi/errno.ts';
import {
  AT_FDCWD, O_ACCMODE, O_APPEND, O_ASYNC, O_CLOEXEC, O_CREAT, O_DIRECT, O_DIRECTORY, O_EXCL, O_LARGEFILE, O_NOATIME,
  O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_TMPFILE, O_TRUNC, O_WRONLY,
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { IN_MODIFY, IN_OPEN } from '../../abi/inotify.ts';
import { S_IALLUGO, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { readPath } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { Dentry } from '../vfs/dentry.ts';
import { fileEvent } from '../vfs/file-events.ts';
import { type Inode, isDirectory, isRegular, isSymlink } from '../vfs/inode.ts';
import { OpenPath } from '../vfs/open-path.ts';
import { findFile, findPlace, type Place, type WalkOptions } from '../vfs/path.ts';
import { identityOf, MAY_READ, MAY_WRITE, mayAccess, mustOwn } from '../vfs/permissions.ts';
import { dirFd, inPath, openFlags, openMode } from './args/files.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';
import { mayChangeNames, mustBeWritable, newInode } from './path-args.ts';

/** Flags that matter only while opening. */
const OPENING = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;
const O_SYNC = 0x10_1000;
/** What is unknown is ignored, but by openat2(2). */
export const KNOWN: number =
  O_ACCMODE | OPENING | O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |
  O_PATH | O_TMPFILE | O_SYNC; // biome-ignore format: a list
export const PATH_FLAGS: number = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
export const __TMPFILE: number = O_TMPFILE & ~O_DIRECTORY;

/** openat(2) without a directory. */
export const open = syscall({
  number: 2,
  name: 'open',
  args: { path: inPath, flags: openFlags, mode: openMode },
  support: 'full',
  run: (task, { path, flags, mode }, call) => openAt(task, AT_FDCWD, path, flags, mode, call),
});

/** creat(2). */
export const creat = syscall({
  number: 85,
  name: 'creat',
  args: { path: inPath, mode: openMode },
  support: 'full',
  run: (task, { path, mode }, call) => openAt(task, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, call),
});

/**
 * openat(2). EACCES, EBADF, EEXIST, EINVAL, EISDIR, ELOOP, EMFILE, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO, EPERM, EROFS,
 * ETXTBSY.
 */
export const openat = syscall({
  number: 257,
  name: 'openat',
  args: { fd: dirFd, path: inPath, flags: openFlags, mode: openMode },
  support: 'full',
  run: (task, { fd, path, flags, mode }, call) => openAt(task, fd, path, flags, mode, call),
});

/** What a call that sleeps while opening (a FIFO) keeps. */
interface Opening {
  readonly dentry: Dentry;
  memo: unknown;
}

/** What an open call gets: openat2(2) has the last, and the others checked more strictly. */
export interface OpenArguments {
  readonly fd: number;
  readonly path: bigint;
  readonly flags: number;
  readonly mode: number;
  readonly walk?: Pick<WalkOptions, 'noLinks' | 'noMagicLinks' | 'noMounts' | 'outside'>;
}

const openAt = (task: Task, fd: number, path: bigint, flags: number, mode: number, call: PendingCall): SyscallResult =>
  openFile(task, { fd, path, flags: flags & KNOWN, mode }, call);

export function openFile(task: Task, how: OpenArguments, call: PendingCall): SyscallResult {
  const { fd, mode, flags: known, walk = {} } = how;
  // Of O_PATH's companions all but three are ignored.
  const flags = known & O_PATH ? known & PATH_FLAGS : known | O_LARGEFILE;
  let under = call.memo as Opening | undefined;
  if (under === undefined) {
    if (flags & __TMPFILE && ((flags & O_TMPFILE) !== O_TMPFILE || (flags & O_ACCMODE) === 0)) return EINVAL;
    if ((flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY)) return EINVAL;
    const path = readPath(task.mm, how.path);
    if (path instanceof Errno) return path;
    const found = flags & __TMPFILE ? makeNameless(task, { ...walk, dirFd: fd }, path, flags, mode) : findOrMake(task, { ...walk, dirFd: fd }, path, flags, mode); // biome-ignore format: one line
    if (found instanceof Errno) return found;
    call.memo = under = { dentry: found, memo: undefined };
  }
  const { dentry } = under;
  if (flags & O_PATH) return task.files.install(new OpenPath(dentry), (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
  const request = { task, dentry, flags: flags & ~OPENING, keepsTerminal: (flags & O_NOCTTY) !== 0, memo: under.memo };
  const file = dentry.inode.open(request);
  if (file instanceof Blocked) {
    under.memo = request.memo;
    return file;
  }
  if (file instanceof Errno) return file;
  fileEvent(dentry, IN_OPEN);
  const made = task.files.install(file, (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
  if (made instanceof Errno) file.close();
  return made;
}

function findOrMake(
  task: Task,
  walk: Omit<WalkOptions, 'follow'>,
  path: string,
  flags: number,
  mode: number,
): Dentry | Errno {
  const follow = !(flags & O_NOFOLLOW);
  if (!(flags & O_CREAT)) {
    const found = findFile(task, path, { ...walk, follow });
    return found instanceof Errno ? found : (mayOpen(task, found, flags) ?? found);
  }
  if (path.endsWith('/')) {
    // A name that can only be a directory's is not even looked up.
    const meant = findPlace(task, path, { ...walk, follow: false, isName: true });
    if (meant instanceof Errno) return meant;
    if (meant.name !== '') return EISDIR;
  }
  const place = findPlace(task, path, { ...walk, follow: follow && !(flags & O_EXCL) });
  if (place instanceof Errno) return place;
  if (place.found !== undefined) {
    if (flags & O_EXCL) return EEXIST;
    if (place.isDirectoryMeant || isDirectory(place.found.inode)) return EISDIR;
    return mayOpen(task, place.found, flags) ?? place.found;
  }
  return make(task, place, mode);
}

function make(task: Task, { parent, name, isDirectoryMeant }: Place, mode: number): Dentry | Errno {
  if (isDirectoryMeant) return EISDIR;
  const failed = mayChangeNames(task, parent);
  if (failed !== undefined) return failed;
  const permissions = mode & S_IALLUGO & ~task.fs.umask;
  const inode = parent.directory.create(name, newInode(task, parent, S_IFREG | permissions));
  return inode instanceof Errno ? inode : parent.addNew(name, inode);
}

function makeNameless(
  task: Task,
  walk: Omit<WalkOptions, 'follow'>,
  path: string,
  flags: number,
  mode: number,
): Dentry | Errno {
  const parent = findFile(task, path, { ...walk, follow: true });
  if (parent instanceof Errno) return parent;
  if (!isDirectory(parent.inode)) return ENOTDIR;
  const failed = mayChangeNames(task, parent);
  if (failed !== undefined) return failed;
  const permissions = mode & S_IALLUGO & ~task.fs.umask;
  const inode = parent.inode.createNameless(newInode(task, parent, S_IFREG | permissions));
  if (inode instanceof Errno) return inode;
  inode.isLinkable = !(flags & O_EXCL);
  return Dentry.nameless(`${parent.path()}/#${inode.number} (deleted)`, inode);
}

/** Whether an existing file may be opened so; truncates it if that is asked for. */
function mayOpen(task: Task, dentry: Dentry, flags: number): Errno | undefined {
  const { inode } = dentry;
  if (flags & O_DIRECTORY && !isDirectory(inode)) return isSymlink(inode) && flags & O_NOFOLLOW && !(flags & O_PATH) ? ELOOP : ENOTDIR; // biome-ignore format: one line
  if (flags & O_PATH) return undefined;
  if (isSymlink(inode)) return ELOOP;
  const writes = (flags & O_ACCMODE) !== 0 || (flags & O_TRUNC) !== 0;
  if (isDirectory(inode) && writes) return EISDIR;
  if (inode.kind === S_IFSOCK) return ENXIO;
  const wanted = [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE][flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0); // biome-ignore format: one line
  if (wanted & MAY_WRITE && isRegular(inode)) {
    const failed = mustBeWritable(inode);
    if (failed !== undefined) return failed;
  }
  const denied = mayAccess(identityOf(task), inode, wanted);
  if (denied !== undefined) return denied;
  if (flags & O_NOATIME) {
    const failed = mustOwn(identityOf(task), inode);
    if (failed !== undefined) return failed;
  }
  if (wanted & MAY_WRITE && isRunning(inode)) return ETXTBSY;
  if (!(flags & O_TRUNC) || !isRegular(inode)) return undefined;
  const refused = inode.truncate(0);
  if (refused === undefined) fileEvent(dentry, IN_MODIFY);
  return refused;
}

/** A program that runs is not written to. */
const isRunning = (inode: Inode): boolean => isRegular(inode) && inode.runs > 0;
