/**
 * Signals that wait: struct sigpending, signal(7). A standard signal waits once, whatever comes after it; of real-time
 * ones each waits, in the order of their sending. The lowest number is taken first, but faults before all others.
 */
import {
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGRTMIN,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
  type SignalInfo,
  signalBit,
} from '../../abi/signal.ts';

/** Signals of the instruction at hand: they go first (`next_signal`). */
const SYNCHRONOUS =
  signalBit(SIGSEGV) |
  signalBit(SIGBUS) |
  signalBit(SIGILL) |
  signalBit(SIGTRAP) |
  signalBit(SIGFPE) |
  signalBit(SIGSYS);

export class PendingSignals {
  private readonly _queue: SignalInfo[] = [];
  /** sigset_t of what waits. */
  private _set = 0n;

  get set(): bigint {
    return this._set;
  }
  get length(): number {
    return this._queue.length;
  }

  has(signal: number): boolean {
    return this._set !== 0n && (this._set & signalBit(signal)) !== 0n;
  }

  /** False when a standard signal waits already: it is lost, unless it is that of a timer. */
  add(info: SignalInfo): boolean {
    if (info.signal < SIGRTMIN && this.has(info.signal) && info.timer === undefined) return false;
    this._queue.push(info);
    this._set |= signalBit(info.signal);
    return true;
  }

  /** The next of a set, which no longer waits. */
  take(wanted: bigint): SignalInfo | undefined {
    const ready = this._set & wanted;
    if (ready === 0n) return undefined;
    const signal = lowest(ready & SYNCHRONOUS || ready);
    const at = this._queue.findIndex((info) => info.signal === signal);
    const [info] = this._queue.splice(at, 1);
    if (!this._queue.some((other) => other.signal === signal)) this._set &= ~signalBit(signal);
    return info.taken === undefined ? info : (info.taken() ?? this.take(wanted));
  }

  /** Forgets all of a set. */
  discard(unwanted: bigint): void {
    if ((this._set & unwanted) === 0n) return;
    for (let i = this._queue.length; i-- > 0; )
      if (signalBit(this._queue[i].signal) & unwanted) this._queue.splice(i, 1);
    this._set &= ~unwanted;
  }

  all(): readonly SignalInfo[] {
    return this._queue;
  }
}

/** The lowest signal of a set that is not empty. */
function lowest(set: bigint): number {
  const low = Number(set & 0xffff_ffffn);
  const word = low !== 0 ? low : Number(set >> 32n);
  return 32 - Math.clz32(word & -word) + (low !== 0 ? 0 : 32);
}
