/**
 * A directory whose names are kept in memory, whatever files they are for: what making, removing and moving a name does
 * to link counts and times. fs/libfs.c (`simple_link`, `simple_unlink`, `simple_rename`, ...).
 */
import { Errno } from '../../abi/errno.ts';
import { Directory, type Inode, type NewInode, type RegularFile } from './inode.ts';

export abstract class MemoryDirectory extends Directory {
  /** Notes a name, over what had it. */
  protected abstract setName(name: string, inode: Inode): void;
  protected abstract deleteName(name: string): void;
  /** A name gets another file, in the same place. */
  protected abstract replaceName(name: string, inode: Inode): void;
  /** ENOTEMPTY, or why that cannot be told. */
  protected abstract checkEmpty(): Errno | undefined;

  /** A file whose bytes are at hand; they take frames only as they are read. The caller must not change them. */
  protected abstract makeFileOf(bytes: Uint8Array, name: string, init: NewInode): RegularFile;

  /** Puts a file there that was made elsewhere, over what has that name, which is no directory. */
  place<T extends Inode>(name: string, inode: T): T {
    const over = this.lookup(name, undefined);
    if (over !== undefined && !(over instanceof Errno)) this.unlink(name, over);
    return this.add(name, inode);
  }

  /** The same with a file of these bytes. */
  placeBytes(name: string, bytes: Uint8Array, init: NewInode): RegularFile {
    return this.place(name, this.makeFileOf(bytes, name, init));
  }

  protected add<T extends Inode>(name: string, inode: T): T {
    this.setName(name, inode);
    this.touchModified();
    return inode;
  }

  private _remove(name: string): void {
    this.deleteName(name);
    this.touchModified();
  }

  override link(name: string, inode: Inode): Errno | undefined {
    inode.links++;
    inode.changed = this.now();
    this.add(name, inode);
    return undefined;
  }

  override unlink(name: string, inode: Inode): Errno | undefined {
    this._remove(name);
    inode.links--;
    inode.changed = this.now();
    inode.evictIfUnused();
    return undefined;
  }

  override removeDirectory(name: string, inode: Directory): Errno | undefined {
    const failed = (inode as MemoryDirectory).checkEmpty();
    if (failed !== undefined) return failed;
    this._remove(name);
    this.links--;
    inode.links = 0;
    inode.evictIfUnused();
    return undefined;
  }

  override rename(
    from: string,
    inode: Inode,
    to: MemoryDirectory,
    name: string,
    over: Inode | undefined,
  ): Errno | undefined {
    if (over !== undefined) {
      const failed = over instanceof MemoryDirectory ? to.removeDirectory(name, over) : to.unlink(name, over);
      if (failed !== undefined) return failed;
    }
    this._remove(from);
    to.add(name, inode);
    if (inode.isDirectory) {
      this.links--;
      to.links++;
    }
    inode.changed = this.now();
    return undefined;
  }

  override exchange(
    name: string,
    inode: Inode,
    to: MemoryDirectory,
    other: string,
    otherInode: Inode,
  ): Errno | undefined {
    this.replaceName(name, otherInode);
    to.replaceName(other, inode);
    const moved = Number(inode.isDirectory) - Number(otherInode.isDirectory);
    this.links -= moved;
    to.links += moved;
    this.touchModified();
    to.touchModified();
    for (const file of [inode, otherInode]) file.changed = this.now();
    return undefined;
  }
}
