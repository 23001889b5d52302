/** A file system: where inodes live. struct super_block, statfs(2). */
import type { Timestamp } from '../../abi/time.ts';
import type { Frames } from '../../mem/frames.ts';
import type { Directory } from './inode.ts';

/** What a file system needs of the machine. */
export interface VfsHost {
  readonly frames: Frames;
  /** What CLOCK_REALTIME shows. */
  realTime(): Timestamp;
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
  #lastInode = 0;

  constructor(host: VfsHost, device: number) {
    this.host = host;
    this.device = device;
  }

  abstract readonly root: Directory;

  /** The run is over: what its files hold is given back. */
  abstract shutDown(): void;

  nextInode(): number {
    return ++this.#lastInode;
  }
}
