/**
 * Flags and conditions as values, from what is known of the operation that set them last (cpu/flags.ts): after a known
 * compare a condition is one comparison, of unknown flags an image is made and a bit taken.
 */
import { invariant } from '../base/invariant.ts';
import type { Bool, FlagName, Val, Width } from './builder.ts';
import {
  FLAG_BIT,
  type FlagKind,
  FOP_CARRY,
  fopOf,
  KIND_ADD,
  KIND_DEC,
  KIND_INC,
  KIND_MUL,
  KIND_ORDER,
  KIND_PACKED,
  KIND_RESULT,
  KIND_SUB,
} from './flags.ts';
import {
  binary,
  callNode,
  choice,
  constant,
  type FlagState,
  isConst,
  type Node,
  OPERATION,
  operation,
  unary,
  unitNode,
} from './nodes.ts';
import { UNIT_FC } from './units.ts';
import { asNode, asVal, MASKS, type ValueBuilder } from './value-builder.ts';
import { F64, I32, I64, OP } from './wasm/code.ts';
import { VECTOR_OPS } from './wasm/vector-ops.ts';

/** CF, computed if it has not been. */
export const carryOf = (state: FlagState): Node => state.fc ?? carryNode(state);

/** OF SF ZF AF PF CF at their places in RFLAGS. */
export const imageNode = (state: FlagState): Node =>
  callNode('flagsImage', I32, [state.fopNode, state.fx, state.fy, state.fc ?? unitNode(UNIT_FC)]);

export class FlagNodes {
  private readonly _values: ValueBuilder;
  constructor(values: ValueBuilder) {
    this._values = values;
  }
  flag(state: FlagState, name: FlagName): Bool {
    return asVal(this._flagNode(state, name));
  }
  private _flagNode(state: FlagState, name: FlagName): Node {
    if (name === 'c') return carryOf(state);
    const { fop } = state;
    const kind = fop === undefined ? KIND_PACKED : ((fop >> 2) as FlagKind);
    if (kind === KIND_PACKED) {
      const image = fop === undefined ? asVal(imageNode(state)) : asVal(unary(OP.i32wrapI64, I32, state.fx));
      return asNode(
        this._values.and(
          32,
          this._values.shrU(32, image, this._values.const(32, Math.log2(FLAG_BIT[name]))),
          this._values.const(32, 1),
        ),
      );
    }
    if (kind === KIND_ORDER) return orderFlag(state, name);
    const width = (8 << ((fop as number) & 3)) as Width;
    const x = this._values.trunc(64, width, asVal(state.fx));
    const y = asVal(state.fy);
    const narrowY = () => this._values.trunc(64, width, y);
    const result =
      kind === KIND_ADD
        ? this._values.add(width, x, narrowY())
        : kind === KIND_SUB
          ? this._values.sub(width, x, narrowY())
          : kind === KIND_MUL
            ? this._values.mul(width, x, narrowY())
            : x;
    switch (name) {
      case 'z':
        return kind === KIND_SUB
          ? asNode(this._values.eq(width, x, narrowY()))
          : asNode(this._values.isZero(width, result));
      case 's':
        return asNode(this._values.isNegative(width, result));
      case 'p': {
        const low = this._values.and(
          32,
          width === 64 ? this._values.trunc(64, 32, result) : result,
          this._values.const(32, 0xff),
        );
        return asNode(
          this._values.boolNot(this._values.and(32, this._values.popcnt(32, low), this._values.const(32, 1))),
        );
      }
      case 'o':
        return asNode(this._overflow(kind, width, x, y, result));
      case 'a': {
        const bit4 = (v: Val) =>
          this._values.and(
            32,
            this._values.shrU(32, width === 64 ? this._values.trunc(64, 32, v) : v, this._values.const(32, 4)),
            this._values.const(32, 1),
          );
        if (kind === KIND_ADD || kind === KIND_SUB)
          return asNode(bit4(this._values.xor(width, this._values.xor(width, x, narrowY()), result)));
        if (kind === KIND_MUL) return constant(I32, 0n);
        if (kind === KIND_RESULT)
          return asNode(
            this._values.and(
              32,
              this._values.shrU(32, this._values.trunc(64, 32, y), this._values.const(32, 4)),
              this._values.const(32, 1),
            ),
          );
        const low = this._values.and(32, width === 64 ? this._values.trunc(64, 32, x) : x, this._values.const(32, 15));
        return asNode(this._values.eq(32, low, this._values.const(32, kind === KIND_INC ? 0 : 15)));
      }
      default:
        invariant(false, `flag ${name}`);
    }
  }
  private _overflow(kind: FlagKind, width: Width, x: Val, y: Val, result: Val): Bool {
    switch (kind) {
      case KIND_ADD: {
        const narrow = this._values.trunc(64, width, y);
        return this._values.isNegative(
          width,
          this._values.and(width, this._values.xor(width, x, result), this._values.xor(width, narrow, result)),
        );
      }
      case KIND_SUB: {
        const narrow = this._values.trunc(64, width, y);
        return this._values.isNegative(
          width,
          this._values.and(width, this._values.xor(width, x, narrow), this._values.xor(width, x, result)),
        );
      }
      case KIND_MUL:
        return asVal(mulCarry(fopOf(KIND_MUL, width), asNode(this._values.zext(width, 64, x)), asNode(y)));
      case KIND_INC:
        return this._values.eq(width, x, this._values.const(width, 1n << BigInt(width - 1)));
      case KIND_DEC:
        return this._values.eq(width, x, this._values.const(width, (1n << BigInt(width - 1)) - 1n));
      default:
        return this._values.and(32, this._values.trunc(64, 32, y), this._values.const(32, 1));
    }
  }
  /** Condition code 0 to 15. */
  condition(state: FlagState, code: number): Bool {
    const flag = (name: FlagName) => asVal(this._flagNode(state, name));
    const positive = this._comparison(state, code & 14) ?? this._flagCondition(code & 14, flag);
    return code & 1 ? this._values.boolNot(positive) : positive;
  }
  private _flagCondition(code: number, flag: (name: FlagName) => Bool): Bool {
    switch (code) {
      case 0:
        return flag('o');
      case 2:
        return flag('c');
      case 4:
        return flag('z');
      case 6:
        return this._values.boolOr(flag('c'), flag('z'));
      case 8:
        return flag('s');
      case 10:
        return flag('p');
      case 12:
        return this._values.boolXor(flag('s'), flag('o'));
      default:
        return this._values.boolOr(flag('z'), this._values.boolXor(flag('s'), flag('o')));
    }
  }
  /** After a known subtraction or logic operation, the orderings are one comparison. */
  private _comparison(state: FlagState, code: number): Bool | undefined {
    if (state.fop === undefined || (code !== 6 && code !== 12 && code !== 14)) return undefined;
    const kind = state.fop >> 2;
    // CF or ZF: anything but greater. OF and SF are 0.
    if (kind === KIND_ORDER && code === 6 && state.fc === undefined)
      return this._values.boolNot(asVal(compareOrder(state, 'f64.gt')));
    if (kind === KIND_ORDER) return undefined;
    const width = (8 << (state.fop & 3)) as Width;
    const x = this._values.trunc(64, width, asVal(state.fx));
    if (kind === KIND_RESULT && isConst(state.fy) && state.fy.value === 0n && code !== 6) {
      const zero = this._values.const(width, 0);
      return code === 12 ? this._values.ltS(width, x, zero) : this._values.boolNot(this._values.ltS(width, zero, x));
    }
    if (kind !== KIND_SUB || (code === 6 && state.fc !== undefined)) return undefined;
    const y = this._values.trunc(64, width, asVal(state.fy));
    if (code === 6) return this._values.boolNot(this._values.ltU(width, y, x));
    return code === 12 ? this._values.ltS(width, x, y) : this._values.boolNot(this._values.ltS(width, y, x));
  }
}

/** The f64 whose bits are a value. */
const numberOf = (bits: Node): Node =>
  bits.kind === OPERATION && bits.op === VECTOR_OPS['i64.reinterpret_f64'][0]
    ? bits.args[0]
    : operation(VECTOR_OPS['f64.reinterpret_i64'][0], F64, [bits]);
const compareOrder = ({ fx, fy }: FlagState, op: 'f64.lt' | 'f64.gt' | 'f64.ge'): Node =>
  operation(VECTOR_OPS[op][0], I32, [numberOf(fx), numberOf(fy)]);
/** Of KIND_ORDER, but for CF. */
function orderFlag(state: FlagState, name: FlagName): Node {
  if (name === 'z') {
    const differs = binary(OP.i32or, I32, compareOrder(state, 'f64.lt'), compareOrder(state, 'f64.gt'));
    return unary(OP.i32eqz, I32, differs);
  }
  if (name !== 'p') return constant(I32, 0n);
  const [x, y] = [numberOf(state.fx), numberOf(state.fy)];
  const isNan = (n: Node) => operation(VECTOR_OPS['f64.ne'][0], I32, [n, n]);
  return binary(OP.i32or, I32, isNan(x), isNan(y));
}

export const fopConstant = (fop: number, carryKnown: boolean): Node =>
  constant(I32, BigInt(carryKnown ? fop : fop | FOP_CARRY));

const mulCarry = (fop: number, fx: Node, fy: Node): Node =>
  callNode('carry', I32, [constant(I32, BigInt(fop | FOP_CARRY)), fx, fy, constant(I32, 0n)]);

/**
 * CF where it has not been computed, to be kept for later: after a subtraction not by the comparison that a jump before
 * it may have made, since V8 would then make that one a value, too, on the hot path.
 */
export function keptCarryNode(state: FlagState): Node {
  if (state.fop === undefined || state.fop >> 2 !== KIND_SUB) return carryNode(state);
  const { fx, fy } = state;
  const difference = binary(OP.i64sub, I64, fx, fy);
  const not = (n: Node) => binary(OP.i64xor, I64, n, constant(I64, MASKS[64]));
  const borrow =
    (state.fop & 3) === 3
      ? binary(
          OP.i64or,
          I64,
          binary(OP.i64and, I64, not(fx), fy),
          binary(OP.i64and, I64, not(binary(OP.i64xor, I64, fx, fy)), difference),
        )
      : difference;
  return unary(OP.i32wrapI64, I32, binary(OP.i64shrU, I64, borrow, constant(I64, 63n)));
}

/** CF where it has not been computed. */
export function carryNode(state: FlagState): Node {
  if (state.fop === undefined) {
    const kind = binary(OP.i32and, I32, state.fopNode, constant(I32, BigInt(~3)));
    const isCompare = binary(OP.i32eq, I32, kind, constant(I32, BigInt(FOP_CARRY + KIND_SUB * 4)));
    const call = callNode('carry', I32, [state.fopNode, state.fx, state.fy, unitNode(UNIT_FC)]);
    return choice(isCompare, binary(OP.i64ltU, I32, state.fx, state.fy), call, true);
  }
  const kind = state.fop >> 2;
  if (kind === KIND_MUL) return mulCarry(state.fop, state.fx, state.fy);
  if (kind === KIND_SUB) return binary(OP.i64ltU, I32, state.fx, state.fy);
  if (kind === KIND_ORDER) return unary(OP.i32eqz, I32, compareOrder(state, 'f64.ge'));
  invariant(kind === KIND_ADD, 'CF follows from no such operation');
  const sum = binary(OP.i64add, I64, state.fx, state.fy);
  const width = 8 << (state.fop & 3);
  if (width === 64) return binary(OP.i64ltU, I32, sum, state.fx);
  return unary(OP.i32wrapI64, I32, binary(OP.i64shrU, I64, sum, constant(I64, BigInt(width))));
}
