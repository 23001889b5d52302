/**
 * Units: what lives in WebAssembly locals across a region. The 16 general registers, the lazy flags, then the vector
 * registers, each as two halves of 128 bits.
 */
import { STATE } from './state.ts';
import { I32, I64, V128, type ValType } from './wasm/code.ts';

export const UNIT_FX = 16;
export const UNIT_FY = 17;
export const UNIT_FOP = 18;
export const UNIT_FC = 19;
/** XMM0 to XMM15, and from UNIT_YMM_HIGH on bits 255:128 of YMM0 to YMM15. */
export const UNIT_XMM = 20;
export const UNIT_YMM_HIGH = 36;
export const UNIT_COUNT = 52;

export const unitType = (unit: number): ValType =>
  unit >= UNIT_XMM ? V128 : unit === UNIT_FOP || unit === UNIT_FC ? I32 : I64;

/** Where the unit is in the state. */
export function unitOffset(unit: number): number {
  if (unit < UNIT_FX) return STATE.regs + unit * 8;
  if (unit >= UNIT_YMM_HIGH) return STATE.ymm + 32 * (unit - UNIT_YMM_HIGH) + 16;
  if (unit >= UNIT_XMM) return STATE.ymm + 32 * (unit - UNIT_XMM);
  return unit === UNIT_FX ? STATE.fx : unit === UNIT_FY ? STATE.fy : unit === UNIT_FOP ? STATE.fop : STATE.fc;
}

function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** A set of units, as two bit masks: units below UNIT_XMM, and the others. Never changes. */
export class UnitSet {
  static readonly NONE = new UnitSet(0, 0);
  static readonly ALL = new UnitSet((1 << UNIT_XMM) - 1, -1);
  readonly #general: number;
  readonly #vectors: number;
  private constructor(general: number, vectors: number) {
    this.#general = general;
    this.#vectors = vectors;
  }
  static of(...units: readonly number[]): UnitSet {
    return units.reduce((set: UnitSet, unit) => set.with(unit), UnitSet.NONE);
  }
  get isEmpty(): boolean {
    return (this.#general | this.#vectors) === 0;
  }
  get size(): number {
    return ones(this.#general) + ones(this.#vectors);
  }
  has(unit: number): boolean {
    return unit < UNIT_XMM ? (this.#general & (1 << unit)) !== 0 : (this.#vectors & (1 << (unit - UNIT_XMM))) !== 0;
  }
  with(unit: number): UnitSet {
    if (this.has(unit)) return this;
    if (unit < UNIT_XMM) return new UnitSet(this.#general | (1 << unit), this.#vectors);
    return new UnitSet(this.#general, this.#vectors | (1 << (unit - UNIT_XMM)));
  }
  or(other: UnitSet): UnitSet {
    const general = this.#general | other.#general;
    const vectors = this.#vectors | other.#vectors;
    return general === this.#general && vectors === this.#vectors ? this : new UnitSet(general, vectors);
  }
  and(other: UnitSet): UnitSet {
    return new UnitSet(this.#general & other.#general, this.#vectors & other.#vectors);
  }
  minus(other: UnitSet): UnitSet {
    return new UnitSet(this.#general & ~other.#general, this.#vectors & ~other.#vectors);
  }
  equals(other: UnitSet): boolean {
    return this.#general === other.#general && this.#vectors === other.#vectors;
  }
  /** In order. */
  *[Symbol.iterator](): Generator<number> {
    for (let unit = 0; unit < UNIT_XMM; unit++) if (this.#general & (1 << unit)) yield unit;
    if (this.#vectors === 0) return;
    for (let unit = UNIT_XMM; unit < UNIT_COUNT; unit++) if (this.#vectors & (1 << (unit - UNIT_XMM))) yield unit;
  }
}

/** The lazy flags. */
export const FLAG_UNITS = UnitSet.of(UNIT_FX, UNIT_FY, UNIT_FOP, UNIT_FC);
