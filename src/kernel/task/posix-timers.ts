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
  readonly #timers: Timers;
  readonly #process: Process;
  readonly #event: TimerEvent;
  readonly #timer: Timer;
  #interval = 0;
  #lastExpiry = 0;
  /** Which setting a waiting signal belongs to: it is not delivered after another one. */
  #setting = 0;
  /** Of the last signal that was taken. */
  overrun = 0;

  constructor(process: Process, id: number, clock: Clock, timers: Timers, event: TimerEvent) {
    this.#process = process;
    this.id = id;
    this.clock = clock;
    this.#timers = timers;
    this.#event = event;
    this.#timer = new Timer(() => this.#expire());
  }

  get setting(): IntervalSetting {
    const now = this.clock.now();
    const { at } = this.#timer;
    if (at !== undefined) return { left: Math.max(1, at - now), interval: this.#interval };
    // One whose signal waits, or that has none, goes on in thought.
    if (this.#interval === 0 || this.#lastExpiry === 0) return { left: 0, interval: this.#interval };
    return { left: this.#nextAfter(now) - now, interval: this.#interval };
  }

  /** `at`: by its clock; undefined: not at all. */
  set(at: number | undefined, interval: number): void {
    this.#setting++;
    this.#lastExpiry = 0;
    this.overrun = 0;
    this.#interval = at === undefined ? 0 : interval;
    if (at === undefined) this.cancel();
    else this.#timers.set(this.#timer, at);
  }

  cancel(): void {
    this.#setting++;
    this.#timers.cancel(this.#timer);
  }

  #expire(): void {
    const { signal, value, thread } = this.#event;
    this.#lastExpiry = this.clock.now();
    if (signal === 0) return;
    const setting = this.#setting;
    const info: SignalInfo = {
      signal,
      code: SI_TIMER,
      value,
      timer: this.id,
      overrun: 0,
      taken: () => (setting === this.#setting ? { ...info, taken: undefined, overrun: this.#goOn() } : undefined),
    };
    if (thread === undefined) sendToProcess(this.#process, info);
    else if (thread.isAlive()) sendSignal(thread, info);
  }

  /** Its signal is taken: how often it would have expired since. */
  #goOn(): number {
    this.overrun = 0;
    if (this.#interval === 0) return 0;
    const next = this.#nextAfter(this.clock.now());
    this.overrun = Math.min(INT_MAX, Math.round((next - this.#lastExpiry) / this.#interval) - 1);
    this.#timers.set(this.#timer, next);
    return this.overrun;
  }

  #nextAfter(now: number): number {
    const turns = Math.floor((now - this.#lastExpiry) / this.#interval) + 1;
    return this.#lastExpiry + turns * this.#interval;
  }
}

/** Those of a process. Numbers go up, and are not given again soon. */
export class PosixTimers {
  readonly #timers = new Map<number, PosixTimer>();
  #next = 0;

  nextId(): number {
    const id = this.#next;
    this.#next = (this.#next + 1) & INT_MAX;
    return id;
  }

  add(timer: PosixTimer): void {
    this.#timers.set(timer.id, timer);
  }

  find(id: number): PosixTimer | undefined {
    return this.#timers.get(id);
  }

  get size(): number {
    return this.#timers.size;
  }

  delete(timer: PosixTimer): void {
    timer.cancel();
    this.#timers.delete(timer.id);
  }

  deleteAll(): void {
    for (const timer of [...this.#timers.values()]) this.delete(timer);
  }
}
