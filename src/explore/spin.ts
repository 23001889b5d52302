/**
 * Recognises a task that waits by looking: it is back at an instruction with the registers that it had there before, and
 * has changed no memory in between. It will come back so again and again until somebody changes what it has read, so that
 * giving it turns before that leads nowhere.
 */
import { STATE } from '../cpu/state.ts';
import { type Place, placesOf } from './footprint.ts';

interface Visit {
  readonly registers: Uint8Array;
}

/** What of a saved state belongs to the task's registers. */
const PARTS: readonly (readonly [from: number, to: number])[] = [
  [0, STATE.cr3 - STATE.regs],
  [STATE.fsBase - STATE.regs, STATE.budget - STATE.regs],
  [STATE.mxcsr - STATE.regs, STATE.mxcsr + 4 - STATE.regs],
  [STATE.ymm - STATE.regs, STATE.end - STATE.regs],
];

export class SpinLog {
  /** It waits for a change. */
  isSpinning = false;
  private readonly _visits = new Map<bigint, Visit>();
  private readonly _reads = new Set<Place>();

  /** It has changed something, or what it has read has changed: it may go elsewhere now. */
  clear(): void {
    this.isSpinning = false;
    this._visits.clear();
    this._reads.clear();
  }

  read(paddr: number, bytes: number): void {
    for (const [place] of placesOf(paddr, bytes)) this._reads.add(place);
  }

  hasRead(place: Place): boolean {
    return this._reads.has(place);
  }

  /** It stands before a read. */
  visit(rip: bigint, registers: Uint8Array): void {
    const known = this._visits.get(rip);
    if (known !== undefined && isSame(known.registers, registers)) this.isSpinning = true;
    else this._visits.set(rip, { registers });
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (const [from, to] of PARTS) for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}
