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
  readonly #process: Process;
  readonly #which: number;
  readonly #timer: Timer;
  #interval = 0;
  #lastExpiry = 0;

  constructor(process: Process, which: number) {
    this.#process = process;
    this.#which = which;
    this.#timer = new Timer(() => this.#expire());
  }

  get setting(): IntervalSetting {
    const { at } = this.#timer;
    const left = at === undefined ? 0 : Math.max(this.#isReal ? 1000 : 1, at - this.#now());
    return { left, interval: this.#interval };
  }

  set({ left, interval }: IntervalSetting): void {
    this.#interval = interval;
    if (left > 0) this.#timers.set(this.#timer, this.#now() + left);
    else this.cancel();
  }

  cancel(): void {
    this.#timers.cancel(this.#timer);
  }

  get #isReal(): boolean {
    return this.#which === ITIMER_REAL;
  }
  get #timers(): Timers {
    return this.#isReal ? this.#process.kernel.scheduler.timers : (this.#process.cpuTimers ??= new Timers());
  }
  #now(): number {
    return this.#isReal ? this.#process.kernel.now() : this.#process.usage.instructions;
  }

  #expire(): void {
    this.#lastExpiry = this.#now();
    const info = fromKernel(SIGNALS[this.#which]);
    if (!this.#isReal) {
      sendToProcess(this.#process, info);
      if (this.#interval > 0) this.#timers.set(this.#timer, this.#lastExpiry + this.#interval);
      return;
    }
    const taken = () => {
      this.#goOn();
      return info;
    };
    sendToProcess(this.#process, { ...info, taken });
  }

  /** The next multiple of the interval after the last expiry that is still to come. */
  #goOn(): void {
    if (this.#interval === 0 || this.#timer.at !== undefined) return;
    const turns = Math.floor((this.#now() - this.#lastExpiry) / this.#interval) + 1;
    this.#timers.set(this.#timer, this.#lastExpiry + turns * this.#interval);
  }
}
