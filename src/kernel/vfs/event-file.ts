/** eventfd(2): a counter of 64 bits. fs/eventfd.c. */
import { EAGAIN, EFAULT, EINVAL, ERESTARTSYS } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLERR, POLLIN, POLLOUT } from '../../abi/poll.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { AnonFile } from './anon-file.ts';
import type { IoResult } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

const U64_MAX = (1n << 64n) - 1n;
const VALUE_BYTES = 8;

export class EventFile extends AnonFile {
  readonly label = '[eventfd]';
  private readonly _changed = new WaitQueue();
  private readonly _isSemaphore: boolean;
  private _count: bigint;

  constructor(count: number, isSemaphore: boolean, flags: number) {
    super(O_RDWR | flags);
    this._count = BigInt(count);
    this._isSemaphore = isSemaphore;
  }

  /** The whole count, or 1 of a semaphore's. EINVAL: fewer than 8 bytes. EAGAIN: 0. EFAULT: it is taken even then. */
  override read(_task: Task, to: UserStream): IoResult {
    if (to.left < VALUE_BYTES) return EINVAL;
    if (this._count === 0n) return this.isNonBlocking ? EAGAIN : new Blocked(this._changed, undefined, ERESTARTSYS);
    const taken = this._isSemaphore ? 1n : this._count;
    this._count -= taken;
    this._changed.wakeAll(POLLOUT);
    return to.put(new Uint8Array(BigUint64Array.of(taken).buffer)) < VALUE_BYTES ? EFAULT : VALUE_BYTES;
  }

  /** Adds. EINVAL: fewer than 8 bytes, or 2^64 - 1. EAGAIN: the sum would reach that. */
  override write(_task: Task, from: UserStream): IoResult {
    if (from.pending === undefined) {
      if (from.left < VALUE_BYTES) return EINVAL;
      const bytes = from.take(VALUE_BYTES);
      if (bytes.length < VALUE_BYTES) return EFAULT;
      from.pending = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    }
    const added = from.pending as bigint;
    if (added === U64_MAX) return EINVAL;
    if (U64_MAX - this._count <= added)
      return this.isNonBlocking ? EAGAIN : new Blocked(this._changed, undefined, ERESTARTSYS);
    this._count += added;
    this._changed.wakeAll(POLLIN);
    return VALUE_BYTES;
  }

  override poll(): number {
    const readable = this._count > 0n ? POLLIN : 0;
    const writable = this._count < U64_MAX - 1n ? POLLOUT : 0;
    return readable | writable | (this._count === U64_MAX ? POLLERR : 0);
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this._changed];
  }
}
