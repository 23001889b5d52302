/**
 * Timers of timer_create(2): kernel/time/posix-timers.c. A timer has at most one signal waiting, and is set anew when that
 * is taken; how often it would have expired meanwhile is its overrun. They end with the program that made them.
 */
import { SI_TIMER, type SignalInfo } from '../../abi/signal.ts';
import type { Clock } from './clocks.ts';
import type { IntervalSetting } from './interval-timers.ts';
import type { Process } from './process.ts';
import { sendSignal, sendToProcess } from './signal.ts';
import type { Task } from './task.ts';
import { Timer, type Timers } from './timers.ts';

/** What it does when it expires; `signal` 0 is nothing. */
export interface TimerEvent {
  readonly signal: number;
  readonly value: bigint;
  /** SIGEV_THREAD_ID: who gets it. */
  readonly thread: Task | undefined;
}

const INT_MAX = 0x7fff_ffff;

export class PosixTimer {
  readonly id: number;
  readonly clock: Clock;
  private readonly _timers: Timers;
  private readonly _process: Process;
  private readonly _event: TimerEvent;
  private readonly _timer: Timer;
  private _interval = 0;
  private _lastExpiry = 0;
  /** Which setting a waiting signal belongs to: it is not delivered after another one. */
  private _setting = 0;
  /** Of the last signal that was taken. */
  overrun = 0;

  constructor(process: Process, id: number, clock: Clock, timers: Timers, event: TimerEvent) {
    this._process = process;
    this.id = id;
    this.clock = clock;
    this._timers = timers;
    this._event = event;
    this._timer = new Timer(() => this._expire());
  }

  get setting(): IntervalSetting {
    const now = this.clock.now();
    const { at } = this._timer;
    if (at !== undefined) return { left: Math.max(1, at - now), interval: this._interval };
    // One whose signal waits, or that has none, goes on in thought.
    if (this._interval === 0 || this._lastExpiry === 0) return { left: 0, interval: this._interval };
    return { left: this._nextAfter(now) - now, interval: this._interval };
  }

  /** `at`: by its clock; undefined: not at all. */
  set(at: number | undefined, interval: number): void {
    this._setting++;
    this._lastExpiry = 0;
    this.overrun = 0;
    this._interval = at === undefined ? 0 : interval;
    if (at === undefined) this.cancel();
    else this._timers.set(this._timer, at);
  }

  cancel(): void {
    this._setting++;
    this._timers.cancel(this._timer);
  }

  private _expire(): void {
    const { signal, value, thread } = this._event;
    this._lastExpiry = this.clock.now();
    if (signal === 0) return;
    const setting = this._setting;
    const info: SignalInfo = {
      signal,
      code: SI_TIMER,
      value,
      timer: this.id,
      overrun: 0,
      taken: () => (setting === this._setting ? { ...info, taken: undefined, overrun: this._goOn() } : undefined),
    };
    if (thread === undefined) sendToProcess(this._process, info);
    else if (thread.isAlive()) sendSignal(thread, info);
  }

  /** Its signal is taken: how often it would have expired since. */
  private _goOn(): number {
    this.overrun = 0;
    if (this._interval === 0) return 0;
    const next = this._nextAfter(this.clock.now());
    this.overrun = Math.min(INT_MAX, Math.round((next - this._lastExpiry) / this._interval) - 1);
    this._timers.set(this._timer, next);
    return this.overrun;
  }

  private _nextAfter(now: number): number {
    const turns = Math.floor((now - this._lastExpiry) / this._interval) + 1;
    return this._lastExpiry + turns * this._interval;
  }
}

/** Those of a process. Numbers go up, and are not given again soon. */
export class PosixTimers {
  private readonly _timers = new Map<number, PosixTimer>();
  private _next = 0;

  nextId(): number {
    const id = this._next;
    this._next = (this._next + 1) & INT_MAX;
    return id;
  }

  add(timer: PosixTimer): void {
    this._timers.set(timer.id, timer);
  }

  find(id: number): PosixTimer | undefined {
    return this._timers.get(id);
  }

  get size(): number {
    return this._timers.size;
  }

  delete(timer: PosixTimer): void {
    timer.cancel();
    this._timers.delete(timer.id);
  }

  deleteAll(): void {
    for (const timer of [...this._timers.values()]) this.delete(timer);
  }
}
