/**
 * Names: a dentry is one name of an inode in one directory, and its parent's dentry leads on to the root. Where a file
 * system is mounted the walk steps over to its root, whose parent is that of the directory it covers. path_resolution(7),
 * struct dentry. There is one tree for all processes.
 */

import { Errno } from '../../abi/errno.ts';
import { IN_CREATE, IN_DELETE } from '../../abi/inotify.ts';
import { invariant } from '../../base/invariant.ts';
import type { Task } from '../task/task.ts';
import { moveEvent, nameEvent } from './file-events.ts';
import type { FileSystem } from './file-system.ts';
import { type Directory, type Inode, isDirectory } from './inode.ts';

export class Dentry {
  /** `/` for a root. */
  name: string;
  inode: Inode;
  /** The root is its own parent. */
  parent: Dentry;
  /** The root of what is mounted here. */
  mounted: Dentry | undefined;
  /** Of a mounted root: the directory it covers. */
  covers: Dentry | undefined;
  /** The name has been removed. */
  isDeleted = false;
  private readonly _children = new Map<string, Dentry>();

  private constructor(name: string, inode: Inode, parent: Dentry | undefined) {
    this.name = name;
    this.inode = inode;
    this.parent = parent ?? this;
  }

  /** The root of a file system that is not mounted anywhere. */
  static root(fs: FileSystem): Dentry {
    return new Dentry('/', fs.root, undefined);
  }

  /** Of something that is in no directory: a pipe, a memfd. `name` is how /proc/PID/fd shows it. */
  static nameless(name: string, inode: Inode): Dentry {
    const dentry = new Dentry(name, inode, undefined);
    dentry.isDeleted = true;
    return dentry;
  }

  get isRoot(): boolean {
    return this.parent === this;
  }

  /** The directory itself; the caller knows that it is one. */
  get directory(): Directory {
    invariant(isDirectory(this.inode), `${this.name} is not a directory`);
    return this.inode;
  }

  /** A name in this directory, stepping over to what is mounted there; undefined when there is none. */
  child(name: string, task: Task | undefined): Dentry | Errno | undefined {
    const { directory } = this;
    const known = this._children.get(name);
    if (known !== undefined && !directory.fs.isVolatile) return known.top();
    const inode = directory.lookup(name, task);
    if (inode === undefined || inode instanceof Errno) {
      if (known !== undefined) this.forget(known);
      return inode;
    }
    if (known?.inode === inode) return known.top();
    if (known !== undefined) this.forget(known);
    return this.add(name, inode);
  }

  /** The names that somebody has asked for, without looking for others. */
  known(): Iterable<Dentry> {
    return this._children.values();
  }

  /** What one sees here: the root of the last file system that was mounted. */
  top(): Dentry {
    let at: Dentry = this;
    while (at.mounted !== undefined) at = at.mounted;
    return at;
  }

  /** `..`: out of a mounted file system through the directory that its root covers. */
  up(): Dentry {
    let at: Dentry = this;
    while (at.isRoot && at.covers !== undefined) at = at.covers;
    return at.parent.top();
  }

  /** Takes note of a name that the directory has. */
  add(name: string, inode: Inode): Dentry {
    const made = new Dentry(name, inode, this);
    this._children.set(name, made);
    return made;
  }

  /** A name that has just been made. */
  addNew(name: string, inode: Inode): Dentry {
    const made = this.add(name, inode);
    nameEvent(this.inode, name, inode, IN_CREATE);
    return made;
  }

  /** A name that has just been removed. */
  removed(child: Dentry): void {
    this.forget(child);
    nameEvent(this.inode, child.name, child.inode, IN_DELETE);
  }

  /** The name is gone: whoever still holds it sees it as deleted. */
  forget(child: Dentry): void {
    child.isDeleted = true;
    if (this._children.get(child.name) === child) this._children.delete(child.name);
  }

  /** A name has moved here. */
  adopt(child: Dentry, name: string): void {
    const over = this._children.get(name);
    if (over !== undefined && over !== child) this.forget(over);
    const { parent: from, name: before } = child;
    from._children.delete(before);
    child.name = name;
    child.parent = this;
    this._children.set(name, child);
    moveEvent(from.inode, before, this.inode, name, child.inode);
  }

  /** Two names change places: each file gets the other's. */
  exchange(other: Dentry): void {
    const { parent, name } = this;
    this.parent = other.parent;
    this.name = other.name;
    other.parent = parent;
    other.name = name;
    this.parent._children.set(this.name, this);
    other.parent._children.set(other.name, other);
  }

  /** Whether a directory is this one or above it. */
  isWithin(other: Dentry): boolean {
    for (let at: Dentry = this; ; ) {
      if (at === other) return true;
      const next = at.isRoot ? at.covers : at.parent;
      if (next === undefined) return false;
      at = next;
    }
  }

  /** `/tmp/file`, seen from a root: d_path(). What has no name left ends in ` (deleted)`. */
  path(root?: Dentry): string {
    const names: string[] = [];
    let at: Dentry = this;
    while (at !== root) {
      if (!at.isRoot) {
        names.push(at.name);
        at = at.parent;
      } else if (at.covers !== undefined) at = at.covers;
      else if (at.isDeleted) return at.name;
      else break;
    }
    const path = `/${names.reverse().join('/')}`;
    return this.isDeleted ? `${path} (deleted)` : path;
  }
}
