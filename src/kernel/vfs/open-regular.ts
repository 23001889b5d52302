/** A regular file that is open: an offset into its page cache. fs/read_write.c, mm/filemap.c, mm/shmem.c. */
import { EFAULT, EFBIG, EINVAL, ENOMEM, ENOSPC, ENOTTY, ENXIO, type Errno } from '../../abi/errno.ts';
import { O_APPEND, O_NOATIME, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from '../../abi/fcntl.ts';
import { IN_ACCESS, IN_MODIFY } from '../../abi/inotify.ts';
import { FIONREAD } from '../../abi/ioctl.ts';
import { RLIM_INFINITY, RLIMIT_FSIZE } from '../../abi/resource.ts';
import { SIGXFSZ } from '../../abi/signal.ts';
import type { Stat } from '../../abi/stat.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
import type { Backing } from '../mm/backing.ts';
import { writeU32 } from '../mm/user-memory.ts';
import type { SyscallResult } from '../syscalls/define.ts';
import { fromTask, sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { dropPrivileges } from './attributes.ts';
import { fileEvent } from './file-events.ts';
import type { OpenRequest, RegularFile } from './inode.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { type IoResult, OpenFile } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

export class OpenRegular extends OpenFile {
  readonly inode: RegularFile;
  position = 0;

  constructor({ flags, dentry }: OpenRequest, inode: RegularFile) {
    super(flags, dentry);
    this.inode = inode;
    if (this.isWritable) inode.writers++;
  }

  read(task: Task, to: UserStream): IoResult {
    const result = this.readAt(task, to, this.position);
    if (typeof result === 'number') this.position += result;
    return result;
  }

  override get offset(): number {
    return this.position;
  }
  override get hasPositions(): boolean {
    return true;
  }

  override readAt(_task: Task, to: UserStream, position: number): IoResult {
    const { inode } = this;
    let done = 0;
    if (to.left === 0) return 0;
    while (to.left > 0) {
      const bytes = inode.cache.read(position + done, to.left);
      if (bytes === 'out of memory') return done > 0 ? done : ENOMEM;
      if (bytes.length === 0) break;
      const stored = to.put(bytes);
      done += stored;
      if (stored < bytes.length) {
        if (done === 0) return EFAULT;
        break;
      }
    }
    if (!(this.flags & O_NOATIME)) inode.touchAccessed();
    if (done > 0 && this.dentry !== undefined) fileEvent(this.dentry, IN_ACCESS);
    return done;
  }

  write(task: Task, from: UserStream): IoResult {
    const start = this.flags & O_APPEND ? this.inode.sizeBytes : this.position;
    const result = this._put(task, from, start);
    if (typeof result === 'number' && result > 0) this.position = start + result;
    return result;
  }

  /** O_APPEND wins over the position, as on Linux: pwrite(2), "BUGS". */
  override writeAt(task: Task, from: UserStream, position: number): IoResult {
    return this._put(task, from, this.flags & O_APPEND ? this.inode.sizeBytes : position);
  }

  private _put(task: Task, from: UserStream, start: number): IoResult {
    if (from.left === 0) return 0;
    const most = this._room(task, start);
    if (typeof most !== 'number') return most;
    dropPrivileges(task, this.inode);
    const { cache } = this.inode;
    let done = 0;
    let failed: Errno | undefined;
    while (from.left > 0 && done < most) {
      const at = start + done;
      const wanted = Math.min(from.left, most - done, PAGE_SIZE - (at % PAGE_SIZE));
      failed = this.inode.refusesWrite(at + wanted);
      if (failed !== undefined) break;
      const bytes = from.take(wanted);
      if (bytes.length > 0) {
        if (cache.write(at, bytes) !== undefined) {
          failed = ENOSPC;
          break;
        }
        done += bytes.length;
      }
      if (bytes.length < wanted) {
        failed = EFAULT;
        break;
      }
    }
    if (done > 0) {
      this.inode.touchModified();
      if (this.dentry !== undefined) fileEvent(this.dentry, IN_MODIFY);
    }
    return done > 0 || failed === undefined ? done : failed;
  }

  /** Bytes that may be written from a place on. EFBIG, with SIGXFSZ for the process's own limit. */
  private _room(task: Task, start: number): number | Errno {
    const limit = task.process.limits[RLIMIT_FSIZE].soft;
    if (limit !== RLIM_INFINITY && BigInt(start) >= limit) {
      sendSignal(task, fromTask(task, SIGXFSZ));
      return EFBIG;
    }
    if (start >= MAX_FILE_BYTES) return EFBIG;
    return Math.min(MAX_FILE_BYTES, limit === RLIM_INFINITY ? Infinity : Number(limit)) - start;
  }

  override seek(_task: Task, offset: bigint, whence: number): number | Errno {
    const size = this.inode.sizeBytes;
    let to: bigint;
    switch (whence) {
      case SEEK_SET:
        to = offset;
        break;
      case SEEK_CUR:
        to = BigInt(this.position) + offset;
        break;
      case SEEK_END:
        to = BigInt(size) + offset;
        break;
      case SEEK_DATA:
      case SEEK_HOLE: {
        if (offset < 0n || offset >= BigInt(size)) return ENXIO;
        const found = this.inode.cache.seekHole(Number(offset), whence === SEEK_DATA ? 'data' : 'hole');
        if (found === undefined) return ENXIO;
        to = BigInt(found);
        break;
      }
      default:
        return EINVAL;
    }
    if (to < 0n || to > BigInt(MAX_FILE_BYTES)) return EINVAL;
    this.position = Number(to);
    return this.position;
  }

  /** FIONREAD: how much follows the position; EFAULT. */
  override ioctl(task: Task, request: number, argument: bigint): SyscallResult {
    if (request !== FIONREAD) return ENOTTY;
    return writeU32(task.mm, argument, (this.inode.sizeBytes - this.position) >>> 0) ?? 0;
  }

  override backing(): Backing | Errno {
    return this.inode.cache;
  }

  stat(): Stat {
    return this.inode.stat();
  }

  /** fsync(2). */
  override sync(): Errno | undefined {
    return this.inode.cache.sync();
  }

  protected release(): void {
    if (this.isWritable) this.inode.writers--;
  }
}
