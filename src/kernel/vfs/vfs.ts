/** All mounted file systems, and the devices that their nodes stand for. mount(2), proc_mounts(5). */
import type { Errno } from '../../abi/errno.ts';
import { deviceNumber } from '../../abi/stat.ts';
import type { Timestamp } from '../../abi/time.ts';
import type { Frames } from '../../mem/frames.ts';
import { Dentry } from './dentry.ts';
import type { FileSystem, VfsHost } from './file-system.ts';
import type { Inode, OpenRequest } from './inode.ts';
import type { OpenFile } from './open-file.ts';

/** Opens a device node. */
export type DeviceDriver = (request: OpenRequest, node: Inode) => OpenFile | Errno;

/** Smaller numbers are those of mounts that nobody sees. */
const FIRST_MOUNT = 20;

export interface Mount {
  /** As /proc/self/mountinfo numbers it. */
  readonly id: number;
  readonly fs: FileSystem;
  readonly root: Dentry;
  /** As /proc/mounts shows it. */
  readonly source: string;
}

export class Vfs implements VfsHost {
  readonly frames: Frames;
  readonly realTime: () => Timestamp;
  readonly mounts: Mount[] = [];
  /** By dev_t. */
  readonly characterDevices = new Map<number, DeviceDriver>();
  private _root: Dentry | undefined;
  /** Below are those that Linux has before the first mount. */
  private _lastMinor = 15;
  private _nextMount = FIRST_MOUNT;
  private _lastCookie = 0;

  constructor(frames: Frames, realTime: () => Timestamp) {
    this.frames = frames;
    this.realTime = realTime;
  }

  get root(): Dentry {
    return this._root!.top();
  }

  /** dev_t for a file system that is on no device. */
  nextDevice(): number {
    return deviceNumber(0, ++this._lastMinor);
  }

  nextCookie(): number {
    return ++this._lastCookie;
  }

  /** Mounts on a directory, or as the root. */
  mount(fs: FileSystem, at: Dentry | undefined, source: string = fs.type): Dentry {
    const root = Dentry.root(fs);
    if (at === undefined) this._root = root;
    else {
      at.mounted = root;
      root.covers = at;
    }
    this.mounts.push({ id: this._nextMount++, fs, root, source });
    return root;
  }

  /** What a name is in. */
  mountOf(dentry: Dentry): Mount | undefined {
    return this.mounts.find(({ fs }) => fs === dentry.inode.fs);
  }

  /** What was written to files of the host is brought there. */
  syncAll(): void {
    for (const { fs } of this.mounts) fs.sync();
  }

  /** Gives back what the files in memory hold: the run is over. */
  shutDown(): void {
    for (const { fs } of this.mounts.splice(0)) fs.shutDown();
  }
}
