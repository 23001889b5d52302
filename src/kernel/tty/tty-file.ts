/**
 * An open terminal: n_tty_read, n_tty_write and n_tty_poll of drivers/tty/n_tty.c. After a hangup nothing is left of it:
 * reading gives the end, everything else EIO.
 */
import { EAGAIN, EFAULT, EIO, ERESTARTSYS } from '../../abi/errno.ts';
import { POLLERR, POLLHUP, READABLE, WRITABLE } from '../../abi/poll.ts';
import { SIGTTIN, SIGTTOU } from '../../abi/signal.ts';
import type { Stat } from '../../abi/stat.ts';
import { NS_PER_SECOND } from '../../abi/structs.ts';
import { EXTPROC, ICANON, TOSTOP, VMIN, VTIME } from '../../abi/termios.ts';
import { Blocked, type SyscallResult } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { type IoResult, OpenFile } from '../vfs/open-file.ts';
import type { UserStream } from '../vfs/user-stream.ts';
import { ttyIoctl } from './ioctl.ts';
import { checkBackground } from './job-control.ts';
import type { Tty, TtyUser } from './tty.ts';

/** Bytes that are processed at once. */
const CHUNK = 2048;
const TENTH_OF_A_SECOND = NS_PER_SECOND / 10;

export class TtyFile extends OpenFile implements TtyUser {
  readonly tty: Tty;
  private _isHungUp = false;

  constructor(tty: Tty, flags: number, dentry: Dentry) {
    super(flags, dentry);
    this.tty = tty;
    tty.users.add(this);
  }

  get isHungUp(): boolean {
    return this._isHungUp;
  }

  hangUp(): void {
    this._isHungUp = true;
  }

  /** SIGTTIN, EIO: from the background. EAGAIN. A line or part of it; or, without ICANON, what VMIN and VTIME say. */
  read(task: Task, to: UserStream): IoResult {
    if (this._isHungUp) return to.done;
    const { line } = this.tty;
    const refused = checkBackground(task, this.tty, SIGTTIN);
    if (refused !== undefined) return to.done > 0 ? to.done : refused;
    const { cc, lflag } = line.termios;
    const isCanonical = (lflag & (ICANON | EXTPROC)) === ICANON;
    const hasMinimum = cc[VMIN] > 0;
    const tenths = cc[VTIME] * TENTH_OF_A_SECOND;
    const now = task.kernel.now();
    if (!isCanonical && !hasMinimum) to.deadline ??= now + tenths;
    while (to.left > 0) {
      if (!line.isReadable(false)) this.tty.driver.wanted();
      if (!line.isReadable(false)) {
        if (this.tty.isOtherClosed) return to.done > 0 ? to.done : EIO;
        const deadline = isCanonical ? undefined : to.deadline;
        if (deadline !== undefined && deadline <= now) break;
        if (this.isNonBlocking) return to.done > 0 ? to.done : EAGAIN;
        return new Blocked(this.tty.readers, deadline, to.done > 0 ? to.done : ERESTARTSYS);
      }
      const bytes = line.take(to.left);
      this.tty.driver.taken();
      const stored = to.put(bytes);
      to.done += stored;
      if (stored < bytes.length) return to.done > 0 ? to.done : EFAULT;
      if (isCanonical || to.done >= (hasMinimum ? cc[VMIN] : 1)) break;
      if (tenths > 0) to.deadline = now + tenths;
    }
    return to.done;
  }

  /** SIGTTOU, EIO: from the background, with TOSTOP. EIO: nobody is at the other end. EAGAIN. */
  write(task: Task, from: UserStream): IoResult {
    const { line, driver } = this.tty;
    if (this._isHungUp) return from.done > 0 ? from.done : EIO;
    if (line.termios.lflag & TOSTOP) {
      const refused = checkBackground(task, this.tty, SIGTTOU);
      if (refused !== undefined) return from.done > 0 ? from.done : refused;
    }
    line.output.flush();
    if (this.tty.isOtherClosed) return from.done > 0 ? from.done : EIO;
    while (from.left > 0) {
      if (line.output.isStopped || !driver.hasRoom()) {
        if (this.isNonBlocking) return from.done > 0 ? from.done : EAGAIN;
        return new Blocked(this.tty.writers, undefined, from.done > 0 ? from.done : ERESTARTSYS);
      }
      const wanted = Math.min(CHUNK, from.left);
      const bytes = from.take(wanted);
      if (bytes.length > 0) line.output.write(bytes);
      from.done += bytes.length;
      if (bytes.length < wanted) return from.done > 0 ? from.done : EFAULT;
    }
    return from.done;
  }

  override ioctl(task: Task, request: number, argument: bigint): SyscallResult {
    return ttyIoctl(task, this, request, argument);
  }

  override poll(): number {
    if (this._isHungUp) return READABLE | WRITABLE | POLLERR | POLLHUP;
    const { line, driver, isOtherClosed } = this.tty;
    if (!line.isReadable(true)) driver.wanted();
    return (
      (line.isReadable(true) ? READABLE : 0) |
      (isOtherClosed ? POLLHUP : 0) |
      (!line.output.isStopped && driver.hasRoom() ? WRITABLE : 0)
    );
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.tty.readers, this.tty.writers];
  }

  stat(): Stat {
    return this.dentry!.inode.stat();
  }

  protected release(): void {
    this.tty.users.delete(this);
    if (this.tty.users.size === 0) this.tty.driver.unused();
  }
}
