/**
 * signalfd(2): signals that are read. fs/signalfd.c. Whoever reads or polls takes his own signals and his process's,
 * whoever has made the file.
 */
import { EAGAIN, EFAULT, EINVAL, ERESTARTSYS } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLIN } from '../../abi/poll.ts';
import type { SignalInfo } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import { Blocked } from '../syscalls/define.ts';
import { takeSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import { AnonFile } from './anon-file.ts';
import type { IoResult } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

/** struct signalfd_siginfo. */
const INFO_BYTES = 128;

export class SignalFile extends AnonFile {
  readonly label = '[signalfd]';
  /** Signals that it is for. */
  mask: bigint;
  private readonly _kernel: Kernel;

  constructor(kernel: Kernel, mask: bigint, flags: number) {
    super(O_RDWR | flags);
    this._kernel = kernel;
    this.mask = mask;
  }

  /** As many as wait and fit. EINVAL: not even one fits. EAGAIN: none waits. EFAULT: the one at hand is lost with it. */
  override read(task: Task, to: UserStream): IoResult {
    if (to.left < INFO_BYTES) return EINVAL;
    let done = 0;
    while (to.left >= INFO_BYTES) {
      const info = takeSignal(task, this.mask);
      if (info === undefined) break;
      if (to.put(infoBytes(info)) < INFO_BYTES) return done > 0 ? done : EFAULT;
      done += INFO_BYTES;
    }
    if (done > 0) return done;
    return this.isNonBlocking ? EAGAIN : new Blocked(task.process.signalArrived, undefined, ERESTARTSYS);
  }

  override poll(): number {
    const task = this._kernel.current;
    return task !== undefined && ((task.pending.set | task.process.pending.set) & this.mask) !== 0n ? POLLIN : 0;
  }
  override pollQueues(): readonly WaitQueue[] {
    const task = this._kernel.current;
    return task === undefined ? [] : [task.process.signalArrived];
  }
}

function infoBytes({
  signal,
  code,
  pid,
  uid,
  status,
  utime,
  address,
  value,
  timer,
  overrun,
  fd,
  band,
}: SignalInfo): Uint8Array {
  const bytes = new Uint8Array(INFO_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signal, true);
  view.setInt32(8, code, true);
  view.setUint32(12, pid ?? 0, true);
  view.setUint32(16, uid ?? 0, true);
  view.setInt32(20, fd ?? 0, true);
  view.setUint32(24, timer ?? 0, true);
  view.setUint32(28, band ?? 0, true);
  view.setUint32(32, overrun ?? 0, true);
  view.setInt32(40, status ?? 0, true);
  view.setInt32(44, Number(BigInt.asIntN(32, value ?? 0n)), true);
  view.setBigUint64(48, value ?? 0n, true);
  view.setBigUint64(56, BigInt(utime ?? 0), true);
  view.setBigUint64(72, address ?? 0n, true);
  return bytes;
}
