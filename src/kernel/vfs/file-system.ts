/** A file system: where inodes live. struct super_block, statfs(2). */
import type { Errno } from '../../abi/errno.ts';
import { ST_RDONLY, ST_RELATIME, ST_VALID, type StatFs } from '../../abi/statfs.ts';
import type { Timestamp } from '../../abi/time.ts';
import type { Frames } from '../../mem/frames.ts';
import type { Directory } from './inode.ts';

/** Of all files of a file system together. */
const MOST_ATTRIBUTE_BYTES = 16 << 20;

/** What a file system needs of the machine. */
export interface VfsHost {
  readonly frames: Frames;
  /** What CLOCK_REALTIME shows. */
  realTime(): Timestamp;
  /** Ties the two events of one rename together: inotify(7). */
  nextCookie(): number;
}

export abstract class FileSystem {
  /** As /proc/mounts has it: `tmpfs`. */
  abstract readonly type: string;
  /** f_type of statfs(2): linux/magic.h. */
  abstract readonly magic: number;
  readonly host: VfsHost;
  /** dev_t. */
  readonly device: number;
  /** Nothing in it may be changed: EROFS. */
  isReadOnly = false;
  /** Names may come and go by themselves, so that each use of one looks it up again. */
  readonly isVolatile: boolean = false;
  private _lastInode = 0;

  constructor(host: VfsHost, device: number) {
    this.host = host;
    this.device = device;
  }

  abstract readonly root: Directory;

  /** What /proc/mounts says behind `rw,relatime`, each with a comma before it. */
  get options(): string {
    return '';
  }

  /** Whether its files may have attributes of their users: xattr(7). */
  readonly hasAttributes: boolean = false;
  /** Takes or gives back room for them. False: there is none. */
  takeAttributeBytes(bytes: number): boolean {
    if (this._attributeBytes + bytes > MOST_ATTRIBUTE_BYTES) return false;
    this._attributeBytes += bytes;
    return true;
  }
  private _attributeBytes = 0;

  /** statfs(2): most have no blocks to count. */
  statfs(): StatFs {
    const flags = ST_VALID | ST_RELATIME | (this.isReadOnly ? ST_RDONLY : 0);
    return { magic: this.magic, blocks: 0, freeBlocks: 0, files: 0, freeFiles: 0, device: this.device, flags };
  }

  /** sync(2): what was written reaches its place. */
  sync(): Errno | undefined {
    return undefined;
  }

  /** The run is over: what its files hold is given back. */
  abstract shutDown(): void;

  nextInode(): number {
    return ++this._lastInode;
  }
}
