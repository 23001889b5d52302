/** The locals of a region's WebAssembly function. */
import { FloatMode } from './float-mode.ts';
import { UNIT_COUNT, unitType } from './units.ts';
import { F32, F64, I32, I64, V128, type ValType } from './wasm/code.ts';

/** Locals of a region's function, given out on first use. Parameters: depth, RIP. */
export class RegionLocals {
  static readonly DEPTH = 0;
  static readonly RIP = 1;
  readonly types: ValType[] = [];
  private readonly _units: number[] = new Array(UNIT_COUNT).fill(-1);
  private readonly _free = new Map<ValType, number[]>([
    [I32, []],
    [I64, []],
    [F32, []],
    [F64, []],
    [V128, []],
  ]);
  readonly floatMode = new FloatMode(this);
  private _taken: { type: ValType; index: number }[] = [];
  readonly budget = this.add(I32);
  readonly xinfo = this.add(I32);

  add(type: ValType): number {
    return 2 + this.types.push(type) - 1;
  }
  unit(unit: number): number {
    if (this._units[unit] < 0) this._units[unit] = this.add(unitType(unit));
    return this._units[unit];
  }
  /** A local until `releaseTemporaries`. */
  temporary(type: ValType): number {
    const index = this.take(type);
    this._taken.push({ type, index });
    return index;
  }
  /** A local until `give` gets it back. */
  take(type: ValType): number {
    return this._free.get(type)?.pop() ?? this.add(type);
  }
  give(type: ValType, index: number): void {
    this._free.get(type)?.push(index);
  }
  releaseTemporaries(): void {
    for (const { type, index } of this._taken) this._free.get(type)?.push(index);
    this._taken = [];
  }
}
