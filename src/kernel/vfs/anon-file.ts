/** Files that are in no directory and are not pipes or sockets: fs/anon_inodes.c. All share one inode. */
import { EINVAL } from '../../abi/errno.ts';
import { plainStat, type Stat } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import { type IoResult, OpenFile } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

/** st_dev of the file system that they are in. */
const ANON_DEVICE = 16;
const ANON_INODE = 1;
const AT_START = { seconds: 0, nanoseconds: 0 };

export abstract class AnonFile extends OpenFile {
  /** `[eventfd]`: what /proc/PID/fd shows behind `anon_inode:`. */
  abstract readonly label: string;

  read(_task: Task, _to: UserStream): IoResult {
    return EINVAL;
  }
  write(_task: Task, _from: UserStream): IoResult {
    return EINVAL;
  }
  stat(): Stat {
    return plainStat({ device: ANON_DEVICE, inode: ANON_INODE, mode: 0o600, uid: 0, gid: 0, time: AT_START });
  }
  override place(): string {
    return `anon_inode:${this.label}`;
  }
  /** There is only one place in it, and it stays there. */
  override seek(): number {
    return 0;
  }
  protected release(): void {}
}
