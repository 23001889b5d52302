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
  private readonly _general: number;
  private readonly _vectors: number;
  private constructor(general: number, vectors: number) {
    this._general = general;
    this._vectors = vectors;
  }
  static of(...units: readonly number[]): UnitSet {
    return units.reduce((set: UnitSet, unit) => set.with(unit), UnitSet.NONE);
  }
  get isEmpty(): boolean {
    return (this._general | this._vectors) === 0;
  }
  get size(): number {
    return ones(this._general) + ones(this._vectors);
  }
  has(unit: number): boolean {
    return unit < UNIT_XMM ? (this._general & (1 << unit)) !== 0 : (this._vectors & (1 << (unit - UNIT_XMM))) !== 0;
  }
  with(unit: number): UnitSet {
    if (this.has(unit)) return this;
    if (unit < UNIT_XMM) return new UnitSet(this._general | (1 << unit), this._vectors);
    return new UnitSet(this._general, this._vectors | (1 << (unit - UNIT_XMM)));
  }
  or(other: UnitSet): UnitSet {
    const general = this._general | other._general;
    const vectors = this._vectors | other._vectors;
    return general === this._general && vectors === this._vectors ? this : new UnitSet(general, vectors);
  }
  and(other: UnitSet): UnitSet {
    return new UnitSet(this._general & other._general, this._vectors & other._vectors);
  }
  minus(other: UnitSet): UnitSet {
    return new UnitSet(this._general & ~other._general, this._vectors & ~other._vectors);
  }
  equals(other: UnitSet): boolean {
    return this._general === other._general && this._vectors === other._vectors;
  }
  /** In order. */
  *[Symbol.iterator](): Generator<number> {
    for (let unit = 0; unit < UNIT_XMM; unit++) if (this._general & (1 << unit)) yield unit;
    if (this._vectors === 0) return;
    for (let unit = UNIT_XMM; unit < UNIT_COUNT; unit++) if (this._vectors & (1 << (unit - UNIT_XMM))) yield unit;
  }
}

/** The lazy flags. */
export const FLAG_UNITS = UnitSet.of(UNIT_FX, UNIT_FY, UNIT_FOP, UNIT_FC);
