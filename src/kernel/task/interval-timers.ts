/**
 * The three timers of setitimer(2), of which alarm(2) uses the first: kernel/time/itimer.c. The first is set anew when its
 * signal is taken, so that a process that blocks it gets one, not many; the others, of processor time, at once.
 */
import { SIGALRM, SIGPROF, SIGVTALRM } from '../../abi/signal.ts';
import type { Process } from './process.ts';
import { fromKernel, sendToProcess } from './signal.ts';
import { Timer, Timers } from './timers.ts';

export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;
export const ITIMER_PROF = 2;
const SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF] as const;

/** Nanoseconds: until it expires, 0 when it is not set; and from then on each time. */
export interface IntervalSetting {
  readonly left: number;
  readonly interval: number;
}

export class IntervalTimer {
  private readonly _process: Process;
  private readonly _which: number;
  private readonly _timer: Timer;
  private _interval = 0;
  private _lastExpiry = 0;

  constructor(process: Process, which: number) {
    this._process = process;
    this._which = which;
    this._timer = new Timer(() => this._expire());
  }

  get setting(): IntervalSetting {
    const { at } = this._timer;
    const left = at === undefined ? 0 : Math.max(this._isReal ? 1000 : 1, at - this._now());
    return { left, interval: this._interval };
  }

  set({ left, interval }: IntervalSetting): void {
    this._interval = interval;
    if (left > 0) this._timers.set(this._timer, this._now() + left);
    else this.cancel();
  }

  cancel(): void {
    this._timers.cancel(this._timer);
  }

  private get _isReal(): boolean {
    return this._which === ITIMER_REAL;
  }
  private get _timers(): Timers {
    return this._isReal ? this._process.kernel.scheduler.timers : (this._process.cpuTimers ??= new Timers());
  }
  private _now(): number {
    return this._isReal ? this._process.kernel.now() : this._process.usage.instructions;
  }

  private _expire(): void {
    this._lastExpiry = this._now();
    const info = fromKernel(SIGNALS[this._which]);
    if (!this._isReal) {
      sendToProcess(this._process, info);
      if (this._interval > 0) this._timers.set(this._timer, this._lastExpiry + this._interval);
      return;
    }
    const taken = () => {
      this._goOn();
      return info;
    };
    sendToProcess(this._process, { ...info, taken });
  }

  /** The next multiple of the interval after the last expiry that is still to come. */
  private _goOn(): void {
    if (this._interval === 0 || this._timer.at !== undefined) return;
    const turns = Math.floor((this._now() - this._lastExpiry) / this._interval) + 1;
    this._timers.set(this._timer, this._lastExpiry + turns * this._interval);
  }
}
