/**
 * Values and statements of one instruction on their way to WebAssembly: what WasmBuilder collects while `emit` runs,
 * and cpu/block-code.ts writes out. Values are a graph without side effects; what has an order is a statement.
 */
import type { Alignment, ExceptionVector, Width } from './builder.ts';
import { MODE_SHAPES, type ModeShape, modeType } from './float-mode.ts';
import type { RuntimeFunc } from './runtime.ts';
import { unitType } from './units.ts';
import { I32, OP, V128, type ValType } from './wasm/code.ts';

export const CONST = 0, UNIT = 1, RESULT = 2, OPERATION = 3, CALL = 4, CHOICE = 5, MODE = 6; // biome-ignore format: one line
export type NodeKind =
  | typeof CONST
  | typeof UNIT
  | typeof RESULT
  | typeof OPERATION
  | typeof CALL
  | typeof CHOICE
  | typeof MODE;

export interface Node {
  readonly kind: NodeKind;
  readonly type: ValType;
  /** OPERATION: opcode. UNIT: which. MODE: which of MODE_SHAPES. */
  readonly op: number;
  /** CONST. Of an operation, its immediate bytes; of a choice, 1 if the first arm is the likely one. */
  readonly value: bigint;
  readonly args: readonly Node[];
  readonly func: RuntimeFunc | undefined;
  /** How often other nodes and statements need it; counted before writing. */
  uses: number;
  /** Local that holds it, once computed; -1 before. */
  local: number;
}

export interface FlagState {
  /** Known kind and width (without FOP_CARRY), or undefined when only the local knows. */
  readonly fop: number | undefined;
  /** With FOP_CARRY when `fc` is undefined. */
  readonly fopNode: Node;
  readonly fx: Node;
  readonly fy: Node;
  /** Undefined: CF has not been computed, and follows from fop, fx and fy; with an unknown fop, that may say so. */
  readonly fc: Node | undefined;
}

/** Writes that take effect together at the end of a scope (instruction, arm of `if`, turn of `repeat`). */
export interface Pending {
  /** By unit: registers, general and vector. */
  readonly registers: Map<number, Node>;
  flags: FlagState | undefined;
}

export interface LoadStatement {
  readonly kind: 'load';
  readonly result: Node;
  readonly address: Node;
  readonly width: Width | 128;
  readonly forStore: boolean;
  readonly alignment: Alignment;
}

/** `saves`: reads from before, of units that the statement may overwrite; later code may still want the old values. */
export type Statement =
  | LoadStatement
  | {
      readonly kind: 'store';
      readonly address: Node;
      readonly width: Width;
      readonly value: Node;
      readonly loaded: Node | undefined;
    }
  | {
      readonly kind: 'loadWide';
      readonly low: Node;
      readonly high: Node;
      readonly address: Node;
      readonly alignment: Alignment;
    }
  | { readonly kind: 'loadIf'; readonly condition: Node; readonly load: LoadStatement }
  /** `high`: of 256 bits. */
  | {
      readonly kind: 'storeVec';
      readonly address: Node;
      readonly value: Node;
      readonly high: Node | undefined;
      readonly alignment: Alignment;
    }
  | { readonly kind: 'probe'; readonly address: Node; readonly bytes: number }
  | {
      readonly kind: 'call';
      readonly func: RuntimeFunc;
      readonly args: readonly Node[];
      readonly result: Node | undefined;
    }
  | {
      readonly kind: 'float';
      readonly func: RuntimeFunc;
      readonly option: number;
      /** Operands, and where the function finds them. */
      readonly operands: readonly { readonly value: Node; readonly offset: number }[];
      readonly results: readonly Node[];
      readonly fast: readonly Node[] | undefined;
      readonly unusual: readonly Node[];
      readonly harmless: Node | undefined;
      readonly needsFastMode: boolean;
      /** Whether one of `unusual` holds when it is not fast mode. */
      readonly testsMode: boolean;
    }
  | { readonly kind: 'stateLoad'; readonly result: Node; readonly offset: number }
  | { readonly kind: 'stateStore'; readonly offset: number; readonly value: Node }
  | {
      readonly kind: 'raiseIf';
      readonly condition: Node | undefined;
      readonly vector: ExceptionVector;
      readonly errorCode: number;
    }
  | {
      readonly kind: 'if';
      readonly condition: Node;
      readonly whenTrue: Scope;
      readonly whenFalse: Scope | undefined;
      readonly saves: readonly Node[];
    }
  | {
      readonly kind: 'repeat';
      readonly addressWidth: 32 | 64;
      readonly turn: Scope;
      readonly saves: readonly Node[];
      readonly until: { readonly scope: Scope; readonly condition: Node } | undefined;
      readonly bulk: { readonly func: RuntimeFunc; readonly bytes: number; readonly base: Node } | undefined;
    };

export interface Scope {
  readonly statements: Statement[];
  readonly pending: Pending;
}

export const newScope = (): Scope => ({
  statements: [],
  pending: { registers: new Map(), flags: undefined },
});

const NO_ARGS: readonly Node[] = [];

const node = (
  kind: NodeKind,
  type: ValType,
  op: number,
  value: bigint,
  args: readonly Node[],
  func?: RuntimeFunc,
): Node => ({
  kind,
  type,
  op,
  value,
  args,
  func,
  uses: 0,
  local: -1,
});

export const constant = (type: ValType, value: bigint): Node =>
  node(CONST, type, 0, type === I32 ? BigInt.asUintN(32, value) : BigInt.asUintN(64, value), NO_ARGS);
export const unitNode = (unit: number): Node => node(UNIT, unitType(unit), unit, 0n, NO_ARGS);
/** A value that a statement leaves in a local. */
export const resultNode = (type: ValType): Node => node(RESULT, type, 0, 0n, NO_ARGS);
export const callNode = (func: RuntimeFunc, type: ValType, args: readonly Node[]): Node =>
  node(CALL, type, 0, 0n, args, func);

/** `value`: the immediate bytes, as a number. */
export const operation = (op: number, type: ValType, args: readonly Node[], value = 0n): Node =>
  node(OPERATION, type, op, value, args);
export const vectorConstant = (value: bigint): Node => node(CONST, V128, 0, value, NO_ARGS);

/** The one or the other, computed after the condition, whose arms are operations or calls on values that are computed before it. */
export const choice = (condition: Node, whenTrue: Node, whenFalse: Node, likely: boolean): Node =>
  node(CHOICE, whenTrue.type, 0, likely ? 1n : 0n, [condition, whenTrue, whenFalse]);

/** A mask of FloatMode. */
export const modeNode = (shape: ModeShape): Node =>
  node(MODE, modeType(shape), MODE_SHAPES.indexOf(shape), 0n, NO_ARGS);

export const isConst = (n: Node): boolean => n.kind === CONST;
const isValue = (n: Node, value: bigint): boolean => n.kind === CONST && n.value === value;

export function unary(op: number, type: ValType, x: Node): Node {
  if (x.kind === CONST) {
    const folded = foldUnary(op, x.value);
    if (folded !== undefined) return constant(type, folded);
  }
  // wrap(extend(x)) is x
  if (op === OP.i32wrapI64 && x.kind === OPERATION && (x.op === OP.i64extendI32U || x.op === OP.i64extendI32S))
    return x.args[0];
  if (op === OP.i32eqz && x.kind === OPERATION) {
    const inverse = INVERSE.get(x.op);
    if (inverse !== undefined) return node(OPERATION, I32, inverse, 0n, x.args);
  }
  return node(OPERATION, type, op, 0n, [x]);
}

export function binary(op: number, type: ValType, x: Node, y: Node): Node {
  if (x.kind === CONST && y.kind === CONST) {
    const folded = foldBinary(op, x.value, y.value);
    if (folded !== undefined) return constant(type, folded);
  }
  const identity = IDENTITY.get(op);
  if (identity !== undefined && isValue(y, identity)) return x;
  if (COMMUTATIVE.has(op)) {
    if (identity !== undefined && isValue(x, identity)) return y;
    if (x.kind === CONST) return node(OPERATION, type, op, 0n, [y, x]);
  }
  // (x and m) and n is x and (m and n)
  if (op === OP.i32and && y.kind === CONST && x.kind === OPERATION && x.op === OP.i32and && x.args[1].kind === CONST) {
    return node(OPERATION, type, op, 0n, [x.args[0], constant(I32, x.args[1].value & y.value)]);
  }
  return node(OPERATION, type, op, 0n, [x, y]);
}

export const selectNode = (condition: Node, whenTrue: Node, whenFalse: Node): Node =>
  condition.kind === CONST
    ? condition.value !== 0n
      ? whenTrue
      : whenFalse
    : node(OPERATION, whenTrue.type, OP.select, 0n, [whenTrue, whenFalse, condition]);

const IDENTITY = new Map<number, bigint>([
  [OP.i32add, 0n], [OP.i64add, 0n], [OP.i32sub, 0n], [OP.i64sub, 0n], [OP.i32or, 0n], [OP.i64or, 0n], [OP.i32xor, 0n], [OP.i64xor, 0n],
  [OP.i32shl, 0n], [OP.i32shrU, 0n], [OP.i32shrS, 0n], [OP.i64shl, 0n], [OP.i64shrU, 0n], [OP.i64shrS, 0n],
  [OP.i32rotl, 0n], [OP.i32rotr, 0n], [OP.i64rotl, 0n], [OP.i64rotr, 0n],
  [OP.i32and, 0xffff_ffffn], [OP.i64and, 0xffff_ffff_ffff_ffffn], [OP.i32mul, 1n], [OP.i64mul, 1n],
]); // biome-ignore format: a table
const COMMUTATIVE = new Set<number>([
  OP.i32add, OP.i64add, OP.i32and, OP.i64and, OP.i32or, OP.i64or, OP.i32xor, OP.i64xor, OP.i32mul, OP.i64mul,
]); // biome-ignore format: a table
const INVERSE = new Map<number, number>([
  [OP.i32eq, OP.i32ne], [OP.i32ne, OP.i32eq], [OP.i64eq, OP.i64ne], [OP.i64ne, OP.i64eq],
  [OP.i32ltU, OP.i32geU], [OP.i32geU, OP.i32ltU], [OP.i32ltS, OP.i32geS], [OP.i32geS, OP.i32ltS],
  [OP.i32gtU, OP.i32leU], [OP.i32leU, OP.i32gtU], [OP.i32gtS, OP.i32leS], [OP.i32leS, OP.i32gtS],
  [OP.i64ltU, OP.i64geU], [OP.i64geU, OP.i64ltU], [OP.i64ltS, OP.i64geS], [OP.i64geS, OP.i64ltS],
  [OP.i64gtU, OP.i64leU], [OP.i64leU, OP.i64gtU], [OP.i64gtS, OP.i64leS], [OP.i64leS, OP.i64gtS],
]); // biome-ignore format: a table

const bool = (x: boolean): bigint => (x ? 1n : 0n);
const s32 = (x: bigint): bigint => BigInt.asIntN(32, x);
const s64 = (x: bigint): bigint => BigInt.asIntN(64, x);

function foldUnary(op: number, x: bigint): bigint | undefined {
  switch (op) {
    case OP.i32wrapI64:
    case OP.i64extendI32U:
      return x;
    case OP.i64extendI32S:
      return s32(x);
    case OP.i32extend8S:
    case OP.i64extend8S:
      return BigInt.asIntN(8, x);
    case OP.i32extend16S:
    case OP.i64extend16S:
      return BigInt.asIntN(16, x);
    case OP.i64extend32S:
      return s32(x);
    case OP.i32eqz:
    case OP.i64eqz:
      return bool(x === 0n);
    default:
      return undefined;
  }
}

function foldBinary(op: number, x: bigint, y: bigint): bigint | undefined {
  switch (op) {
    case OP.i32add:
    case OP.i64add:
      return x + y;
    case OP.i32sub:
    case OP.i64sub:
      return x - y;
    case OP.i32and:
    case OP.i64and:
      return x & y;
    case OP.i32or:
    case OP.i64or:
      return x | y;
    case OP.i32xor:
    case OP.i64xor:
      return x ^ y;
    case OP.i32mul:
    case OP.i64mul:
      return x * y;
    case OP.i32shl:
      return x << (y & 31n);
    case OP.i64shl:
      return x << (y & 63n);
    case OP.i32shrU:
      return x >> (y & 31n);
    case OP.i64shrU:
      return x >> (y & 63n);
    case OP.i32shrS:
      return s32(x) >> (y & 31n);
    case OP.i64shrS:
      return s64(x) >> (y & 63n);
    case OP.i32eq:
    case OP.i64eq:
      return bool(x === y);
    case OP.i32ne:
    case OP.i64ne:
      return bool(x !== y);
    case OP.i32ltU:
    case OP.i64ltU:
      return bool(x < y);
    default:
      return undefined;
  }
}
