/** timerfd_create(2): a timer that is read. fs/timerfd.c. */
import { EAGAIN, EFAULT, EINVAL, ERESTARTSYS } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLIN } from '../../abi/poll.ts';
import type { Kernel } from '../kernel.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import { Timer } from '../task/timers.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { AnonFile } from './anon-file.ts';
import type { IoResult } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

const VALUE_BYTES = 8;

/** Virtual nanoseconds. */
export interface TimerSetting {
  readonly left: number;
  readonly interval: number;
}

export class TimerFile extends AnonFile {
  readonly label = '[timerfd]';
  readonly clock: number;
  private readonly _kernel: Kernel;
  private readonly _expired = new WaitQueue();
  private readonly _timer = new Timer((at) => this._expire(at));
  private _interval = 0;
  /** Expirations that have not been read. */
  private _ticks = 0;
  /** When the timer was last to expire, if it has; one with an interval is only set again when somebody looks. */
  private _expiredAt: number | undefined;

  constructor(kernel: Kernel, clock: number, flags: number) {
    super(O_RDWR | flags);
    this._kernel = kernel;
    this.clock = clock;
  }

  /** What it is set to now. */
  get setting(): TimerSetting {
    this._settle();
    this._goOn();
    const { at } = this._timer;
    return { left: at === undefined ? 0 : Math.max(0, at - this._kernel.now()), interval: this._interval };
  }

  /** Sets it to a kernel time, or (undefined) to nothing. */
  set(at: number | undefined, interval: number): void {
    const { timers } = this._kernel.scheduler;
    timers.cancel(this._timer);
    this._interval = interval;
    this._ticks = 0;
    this._expiredAt = undefined;
    if (at !== undefined) timers.set(this._timer, at);
  }

  /** The expirations since the last read. EINVAL: fewer than 8 bytes. EAGAIN: none yet. EFAULT: they are taken even then. */
  override read(_task: Task, to: UserStream): IoResult {
    if (to.left < VALUE_BYTES) return EINVAL;
    this._settle();
    if (this._ticks === 0) return this.isNonBlocking ? EAGAIN : new Blocked(this._expired, undefined, ERESTARTSYS);
    this._goOn();
    const value = BigInt(this._ticks);
    this._ticks = 0;
    return to.put(new Uint8Array(BigUint64Array.of(value).buffer)) < VALUE_BYTES ? EFAULT : VALUE_BYTES;
  }

  override poll(): number {
    this._settle();
    return this._ticks > 0 ? POLLIN : 0;
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this._expired];
  }

  protected override release(): void {
    this._kernel.scheduler.timers.cancel(this._timer);
  }

  /** The time may have come in the midst of the slice at hand. */
  private _settle(): void {
    const { at } = this._timer;
    if (at === undefined || at > this._kernel.now()) return;
    this._kernel.scheduler.timers.cancel(this._timer);
    this._expire(at);
  }

  private _expire(at: number): void {
    this._expiredAt = at;
    this._ticks++;
    this._expired.wakeAll(POLLIN);
  }

  /** Sets a timer with an interval anew, and counts the expirations that it has missed. */
  private _goOn(): void {
    if (this._expiredAt === undefined || this._interval === 0) return;
    const missed = Math.floor(Math.max(0, this._kernel.now() - this._expiredAt) / this._interval);
    this._ticks += missed;
    this._kernel.scheduler.timers.set(this._timer, this._expiredAt + (missed + 1) * this._interval);
    this._expiredAt = undefined;
  }
}
