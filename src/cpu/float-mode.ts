/**
 * Fast mode of floating-point operations in a block of translated code: MXCSR rounds to nearest, and PE is masked and
 * set already, so that only unusual operands and results ask for the exact way. It is read once in a block, as masks in
 * locals: those of numbers' exponents, or 0 when it is not fast mode. A test of a result's exponent is then one of the
 * mode, too.
 */
import { FAST_MODE, FAST_MODE_MASK } from './float/area.ts';
import { STATE } from './state.ts';
import { type Code, I32, OP, V128, type ValType } from './wasm/code.ts';

/** `any`: a mask of no particular number. An f64's exponent is taken from its upper bits, shifted down. */
export const MODE_SHAPES = ['f32', 'f64', 'f32x4', 'f64x2', 'any'] as const;
export type ModeShape = (typeof MODE_SHAPES)[number];

/**
 * The exponent's bits. Of a scalar but for the lowest one, which is all that a number has there that is not normal, once 1
 * is added.
 */
const MASKS: Record<ModeShape, bigint> = {
  f32: 0xfen << 23n,
  f64: 0x7fen,
  f32x4: (0xffn << 119n) | (0xffn << 87n) | (0xffn << 55n) | (0xffn << 23n),
  f64x2: (0x7ffn << 116n) | (0x7ffn << 52n),
  any: 1n,
};
export const modeType = (shape: ModeShape): ValType => (shape === 'f32x4' || shape === 'f64x2' ? V128 : I32);

interface Locals {
  add(type: ValType): number;
}

/** One for a region; `begin` for each block. */
export class FloatMode {
  private readonly _locals: Locals;
  private readonly _masks = new Map<ModeShape, number>();
  private _condition = -1;
  private _isPoisoned = -1;
  private _shapes: ReadonlySet<ModeShape> = new Set();
  /** Whether the locals are valid where code is written now. */
  isKnown = false;

  constructor(locals: Locals) {
    this._locals = locals;
  }
  /** `shapes`: whose masks the block asks for. */
  begin(shapes: ReadonlySet<ModeShape>): void {
    this._shapes = shapes;
    this.isKnown = false;
  }
  mask(shape: ModeShape): number {
    let local = this._masks.get(shape);
    if (local === undefined) this._masks.set(shape, (local = this._locals.add(modeType(shape))));
    return local;
  }
  /** Sees to it that the locals are valid from here on. */
  read(c: Code): void {
    if (this.isKnown) return;
    this.isKnown = true;
    this._prepare();
    c.i32Const(0);
    c.localSet(this._isPoisoned);
    this._set(c);
  }
  /**
   * After the exact way, which may have changed MXCSR. `outcome`: the function's result; when it is not 0, a lane is not
   * calm (CalmLanes), and the rest of the block takes the exact way.
   */
  update(c: Code, outcome: number): void {
    if (!this.isKnown) return;
    c.localGet(this._isPoisoned);
    c.localGet(outcome);
    c.op(OP.i32or);
    c.localSet(this._isPoisoned);
    this._set(c);
  }
  private _prepare(): void {
    if (this._isPoisoned >= 0) return;
    this._isPoisoned = this._locals.add(I32);
    this._condition = this._locals.add(I32);
  }
  private _set(c: Code): void {
    c.i32Const(0);
    c.i32Load(STATE.mxcsr);
    c.i32Const(FAST_MODE_MASK);
    c.op(OP.i32and);
    c.i32Const(FAST_MODE);
    c.op(OP.i32eq);
    c.localGet(this._isPoisoned);
    c.op(OP.i32eqz);
    c.op(OP.i32and);
    c.localSet(this._condition);
    for (const shape of this._shapes) {
      const isVector = modeType(shape) === V128;
      for (const value of [MASKS[shape], 0n]) {
        if (isVector) c.v128Const(value);
        else c.i32Const(Number(value));
      }
      c.localGet(this._condition);
      c.op(OP.select);
      c.localSet(this.mask(shape));
    }
  }
}
