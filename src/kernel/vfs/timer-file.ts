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
  readonly #kernel: Kernel;
  readonly #expired = new WaitQueue();
  readonly #timer = new Timer((at) => this.#expire(at));
  #interval = 0;
  /** Expirations that have not been read. */
  #ticks = 0;
  /** When the timer was last to expire, if it has; one with an interval is only set again when somebody looks. */
  #expiredAt: number | undefined;

  constructor(kernel: Kernel, clock: number, flags: number) {
    super(O_RDWR | flags);
    this.#kernel = kernel;
    this.clock = clock;
  }

  /** What it is set to now. */
  get setting(): TimerSetting {
    this.#settle();
    this.#goOn();
    const { at } = this.#timer;
    return { left: at === undefined ? 0 : Math.max(0, at - this.#kernel.now()), interval: this.#interval };
  }

  /** Sets it to a kernel time, or (undefined) to nothing. */
  set(at: number | undefined, interval: number): void {
    const { timers } = this.#kernel.scheduler;
    timers.cancel(this.#timer);
    this.#interval = interval;
    this.#ticks = 0;
    this.#expiredAt = undefined;
    if (at !== undefined) timers.set(this.#timer, at);
  }

  /** The expirations since the last read. EINVAL: fewer than 8 bytes. EAGAIN: none yet. EFAULT: they are taken even then. */
  override read(_task: Task, to: UserStream): IoResult {
    if (to.left < VALUE_BYTES) return EINVAL;
    this.#settle();
    if (this.#ticks === 0) return this.isNonBlocking ? EAGAIN : new Blocked(this.#expired, undefined, ERESTARTSYS);
    this.#goOn();
    const value = BigInt(this.#ticks);
    this.#ticks = 0;
    return to.put(new Uint8Array(BigUint64Array.of(value).buffer)) < VALUE_BYTES ? EFAULT : VALUE_BYTES;
  }

  override poll(): number {
    this.#settle();
    return this.#ticks > 0 ? POLLIN : 0;
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.#expired];
  }

  protected override release(): void {
    this.#kernel.scheduler.timers.cancel(this.#timer);
  }

  /** The time may have come in the midst of the slice at hand. */
  #settle(): void {
    const { at } = this.#timer;
    if (at === undefined || at > this.#kernel.now()) return;
    this.#kernel.scheduler.timers.cancel(this.#timer);
    this.#expire(at);
  }

  #expire(at: number): void {
    this.#expiredAt = at;
    this.#ticks++;
    this.#expired.wakeAll(POLLIN);
  }

  /** Sets a timer with an interval anew, and counts the expirations that it has missed. */
  #goOn(): void {
    if (this.#expiredAt === undefined || this.#interval === 0) return;
    const missed = Math.floor(Math.max(0, this.#kernel.now() - this.#expiredAt) / this.#interval);
    this.#ticks += missed;
    this.#kernel.scheduler.timers.set(this.#timer, this.#expiredAt + (missed + 1) * this.#interval);
    this.#expiredAt = undefined;
  }
}
