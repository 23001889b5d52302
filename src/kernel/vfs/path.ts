/**
 * From a path to the file it names: path_resolution(7), fs/namei.c. A path starts at the root, at the working directory
 * or at an open directory; symbolic links are followed in the middle, and at the end if the caller wants. No path leads
 * out of the process's root.
 */
import { EACCES, EBADF, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, Errno, EXDEV } from '../../abi/errno.ts';
import { AT_FDCWD, NAME_MAX } from '../../abi/fcntl.ts';
import { bytesOfName } from '../../base/names.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from './dentry.ts';
import { isDirectory, isSymlink } from './inode.ts';
import { identityOf, MAY_EXECUTE, mayAccess } from './permissions.ts';

/** Links that one path may go through. */
const MAX_LINKS = 40;

/** A place for a name, taken or not. `.`, `..` and the root are places without a `parent`. */
export interface Place {
  readonly parent: Dentry;
  /** Empty for a path that ends in `.`, `..` or is the root: `found` is there then, and cannot be made or removed. */
  readonly name: string;
  readonly found: Dentry | undefined;
  /** The path ends in a slash: only a directory will do. */
  readonly isDirectoryMeant: boolean;
  /** The last component is `.` or `..`; undefined for a name, or for the root. */
  readonly dots: '.' | '..' | undefined;
}

export interface WalkOptions {
  /** Where a relative path starts: a descriptor, or AT_FDCWD. */
  readonly dirFd?: number;
  /** A link at the end is followed. */
  readonly follow: boolean;
  /** A name is meant, not what it leads to: a link at the end is not followed even before a slash. */
  readonly isName?: boolean;
  /** A link is nowhere followed: ELOOP. */
  readonly noLinks?: boolean;
  /** The links of /proc that lead to a place without a path are not followed: ELOOP. */
  readonly noMagicLinks?: boolean;
  /** Another mount is not entered: EXDEV. */
  readonly noMounts?: boolean;
  /** Nothing leads out of where the path starts: `refused`, EXDEV; or, `root`, that is its root. openat2(2). */
  readonly outside?: 'refused' | 'root';
}

/** The file of a path. ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EBADF. */
export function findFile(task: Task, path: string, options: WalkOptions): Dentry | Errno {
  const place = findPlace(task, path, options);
  if (place instanceof Errno) return place;
  const { found, isDirectoryMeant } = place;
  if (found === undefined) return ENOENT;
  return isDirectoryMeant && !isDirectory(found.inode) ? ENOTDIR : found;
}

/** The last name of a path and its directory, whether or not there is something of that name. */
export function findPlace(task: Task, path: string, options: WalkOptions): Place | Errno {
  if (path === '') return ENOENT;
  const isAbsolute = path.startsWith('/');
  if (isAbsolute && options.outside === 'refused') return EXDEV;
  const isFromRoot = isAbsolute && options.outside === undefined;
  const start = isFromRoot ? task.fs.root : startingPoint(task, options.dirFd ?? AT_FDCWD);
  if (start instanceof Errno) return start;
  return new Walk(task, options, start).from(start, path);
}

/** The directory that a relative path starts at. EBADF; ENOTDIR. */
export function startingPoint(task: Task, dirFd: number): Dentry | Errno {
  if (dirFd === AT_FDCWD) return task.fs.cwd;
  const file = task.files.findRaw(dirFd);
  if (file === undefined) return EBADF;
  return file.dentry !== undefined && isDirectory(file.dentry.inode) ? file.dentry : ENOTDIR;
}

class Walk {
  private readonly _task: Task;
  private readonly _options: WalkOptions;
  /** What a path cannot leave. */
  private readonly _root: Dentry;
  private _links = 0;

  constructor(task: Task, options: WalkOptions, start: Dentry) {
    this._task = task;
    this._options = options;
    this._root = options.outside === undefined ? task.fs.root : start;
  }

  from(start: Dentry, path: string): Place | Errno {
    const { follow, isName = false } = this._options;
    let at = start;
    let rest = path;
    for (;;) {
      rest = rest.replace(/^\/+/, '');
      if (rest === '') return { parent: at, name: '', found: at, isDirectoryMeant: true, dots: undefined };
      const slash = rest.indexOf('/');
      const name = slash < 0 ? rest : rest.slice(0, slash);
      const after = slash < 0 ? '' : rest.slice(slash).replace(/^\/+/, '');
      const isLast = after === '';
      const searchable = this._search(at);
      if (searchable !== undefined) return searchable;
      if (name === '.' || name === '..') {
        if (name === '..') {
          const above = this._up(at);
          if (above instanceof Errno) return above;
          at = above;
        }
        if (isLast) return { parent: at, name: '', found: at, isDirectoryMeant: true, dots: name };
        rest = after;
        continue;
      }
      if (name.length > NAME_MAX / 4 && bytesOfName(name).length > NAME_MAX) return ENAMETOOLONG;
      const found = at.child(name, this._task);
      if (found instanceof Errno) return found;
      const endsInSlash = isLast && slash >= 0;
      if (found === undefined) {
        if (!isLast) return ENOENT;
        return { parent: at, name, found: undefined, isDirectoryMeant: endsInSlash, dots: undefined };
      }
      const { inode } = found;
      if (this._options.noMounts && inode.fs !== at.inode.fs) return EXDEV;
      if (isSymlink(inode) && (!isLast || follow || (endsInSlash && !isName))) {
        if (this._options.noLinks || ++this._links > MAX_LINKS) return ELOOP;
        inode.touchAccessed();
        const target = inode.follow(this._task);
        if (target instanceof Errno) return target;
        if (typeof target !== 'string') {
          // A link of /proc: the place itself.
          if (this._options.noMagicLinks) return ELOOP;
          if (this._options.outside !== undefined) return EXDEV;
          if (this._options.noMounts && target.inode.fs !== at.inode.fs) return EXDEV;
          if (isLast)
            return { parent: target.parent, name: '', found: target, isDirectoryMeant: endsInSlash, dots: undefined };
          at = target;
          rest = after;
          continue;
        }
        if (target === '') return ENOENT;
        if (target.startsWith('/')) {
          if (this._options.outside === 'refused') return EXDEV;
          if (this._options.noMounts && this._root.inode.fs !== at.inode.fs) return EXDEV;
          at = this._root;
        }
        rest = isLast ? `${target}${endsInSlash ? '/' : ''}` : `${target}/${after}`;
        continue;
      }
      if (isLast) return { parent: at, name, found, isDirectoryMeant: endsInSlash, dots: undefined };
      at = found;
      rest = after;
    }
  }

  private _up(at: Dentry): Dentry | Errno {
    const { outside, noMounts } = this._options;
    if (at === this._root) return outside === 'refused' ? EXDEV : at;
    if (at === this._task.fs.root) return at;
    const above = at.up();
    return noMounts && above.inode.fs !== at.inode.fs ? EXDEV : above;
  }

  private _search(at: Dentry): Errno | undefined {
    if (!isDirectory(at.inode)) return ENOTDIR;
    return mayAccess(identityOf(this._task), at.inode, MAY_EXECUTE) && EACCES;
  }
}
