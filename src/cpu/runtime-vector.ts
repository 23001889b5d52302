/**
 * What vector instructions need of the runtime: stores of 16 bytes that miss the TLB, and NaNs as the processor makes
 * them. Intel SDM Vol. 1, "Rules for Handling NaNs" and "QNaN Floating-Point Indefinite".
 */
import type { NanRule } from './builder.ts';
import { Code, F32, F64, I32, I64, OP, V128, type ValType } from './wasm/code.ts';
import type { ModuleWriter } from './wasm/module.ts';
import { VECTOR_OPS, type VectorOp } from './wasm/vector-ops.ts';

/** (address, value) -> 0, or -1 with nothing stored. With `wide`, (address, low, high) of 256 bits. */
export function addSlowStoreVec(m: ModuleWriter, slowReadForStore: number, slowStore: number, isWide: boolean): number {
  const ADDRESS = 0, VALUE = 1; // biome-ignore format: locals in order
  const c = new Code();
  // All of it is checked before any is stored.
  c.localGet(ADDRESS);
  c.i32Const(isWide ? 32 : 16);
  c.call(slowReadForStore);
  c.i32Const(-1);
  c.op(OP.i32eq);
  c.if();
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
  for (let i = 0; i < (isWide ? 4 : 2); i++) {
    c.localGet(ADDRESS);
    c.i64Const(BigInt(8 * i));
    c.op(OP.i64add);
    c.localGet(VALUE + (i >> 1));
    c.wideOp(VECTOR_OPS['i64x2.extract_lane'][0]);
    c.byte(i & 1);
    c.i32Const(8);
    c.call(slowStore);
    c.op(OP.drop);
  }
  c.i32Const(0);
  c.end();
  return m.func(m.type(isWide ? [I64, V128, V128] : [I64, V128], [I32]), [], c.bytes());
}

export const NAN_FUNCS = {
  f32: 'nanF32', f64: 'nanF64', f32x4: 'nanF32x4', f64x2: 'nanF64x2', promote: 'nanPromote', demote: 'nanDemote',
} as const satisfies Record<NanRule, string>; // biome-ignore format: a table

/** What compares a result with itself, and its type. */
export const NAN_CHECKS: Record<NanRule, readonly [compare: VectorOp, type: ValType]> = {
  f32: ['f32.ne', F32],
  f64: ['f64.ne', F64],
  f32x4: ['f32x4.ne', V128],
  f64x2: ['f64x2.ne', V128],
  promote: ['f64x2.ne', V128],
  demote: ['f32x4.ne', V128],
};

/** The functions (result, x, y) or (result, x), by name. */
export function addNanRules(m: ModuleWriter): Record<(typeof NAN_FUNCS)[NanRule], number> {
  const scalar = (type: ValType, code: Uint8Array) => m.func(m.type([type, type, type], [type]), [], code);
  const vector = (parameters: number, code: Uint8Array) =>
    m.func(m.type(new Array(parameters).fill(V128), [V128]), [], code);
  return {
    nanF32: scalar(F32, scalarCode('f32')),
    nanF64: scalar(F64, scalarCode('f64')),
    nanF32x4: vector(3, vectorCode('f32x4')),
    nanF64x2: vector(3, vectorCode('f64x2')),
    nanPromote: vector(2, promoteCode()),
    nanDemote: vector(2, demoteCode()),
  };
}

const RESULT = 0, X = 1, Y = 2; // biome-ignore format: parameters in order
const emit = (c: Code, op: VectorOp): void => c.wideOp(VECTOR_OPS[op][0]);
const QUIET_F32 = 0x0040_0000, QUIET_F64 = 0x0008_0000_0000_0000n; // biome-ignore format: one line
const DEFAULT_F32 = 0xffc0_0000, DEFAULT_F64 = 0xfff8_0000_0000_0000n; // biome-ignore format: one line
const twice = (x: bigint): bigint => (x << 64n) | x;
const fourTimes = (x: number): bigint => twice((BigInt(x) << 32n) | BigInt(x));

function scalarCode(type: 'f32' | 'f64'): Uint8Array {
  const c = new Code();
  for (const operand of [X, Y]) {
    c.localGet(operand);
    c.localGet(operand);
    emit(c, `${type}.ne`);
    c.if();
    c.localGet(operand);
    if (type === 'f32') {
      emit(c, 'i32.reinterpret_f32');
      c.i32Const(QUIET_F32);
      c.op(OP.i32or);
      emit(c, 'f32.reinterpret_i32');
    } else {
      emit(c, 'i64.reinterpret_f64');
      c.i64Const(QUIET_F64);
      c.op(OP.i64or);
      emit(c, 'f64.reinterpret_i64');
    }
    c.op(OP.return);
    c.end();
  }
  if (type === 'f32') {
    c.i32Const(DEFAULT_F32);
    emit(c, 'f32.reinterpret_i32');
  } else {
    c.i64Const(DEFAULT_F64);
    emit(c, 'f64.reinterpret_i64');
  }
  c.end();
  return c.bytes();
}

/** Lane by lane. A NaN operand always makes a NaN, so only lanes whose result is one change. */
function vectorCode(type: 'f32x4' | 'f64x2'): Uint8Array {
  const c = new Code();
  const isNan = (local: number) => {
    c.localGet(local);
    c.localGet(local);
    emit(c, `${type}.ne`);
    emit(c, 'v128.bitselect');
  };
  const quiet = (local: number) => {
    c.localGet(local);
    c.v128Const(type === 'f32x4' ? fourTimes(QUIET_F32) : twice(QUIET_F64));
    emit(c, 'v128.or');
  };
  quiet(X);
  quiet(Y);
  c.v128Const(type === 'f32x4' ? fourTimes(DEFAULT_F32) : twice(DEFAULT_F64));
  isNan(Y);
  isNan(X);
  c.localGet(RESULT);
  isNan(RESULT);
  c.end();
  return c.bytes();
}

/** The two low f32 lanes of x: sign and fraction move up. */
function promoteCode(): Uint8Array {
  const c = new Code();
  const part = (mask: bigint, by: number) => {
    c.localGet(X);
    emit(c, 'i64x2.extend_low_i32x4_u');
    c.v128Const(twice(mask));
    emit(c, 'v128.and');
    c.i32Const(by);
    emit(c, 'i64x2.shl');
  };
  part(0x8000_0000n, 32);
  part(0x007f_ffffn, 29);
  emit(c, 'v128.or');
  c.v128Const(twice(0x7ff8_0000_0000_0000n));
  emit(c, 'v128.or');
  replaceNans(c, 'f64x2.ne');
  c.end();
  return c.bytes();
}

/** The two f64 lanes of x, to the low f32 lanes. */
function demoteCode(): Uint8Array {
  const c = new Code();
  const part = (mask: bigint, by: number) => {
    c.localGet(X);
    c.i32Const(by);
    emit(c, 'i64x2.shr_u');
    c.v128Const(twice(mask));
    emit(c, 'v128.and');
  };
  part(0x8000_0000n, 32);
  part(0x007f_ffffn, 29);
  emit(c, 'v128.or');
  c.v128Const(twice(0x7fc0_0000n));
  emit(c, 'v128.or');
  c.localGet(RESULT);
  c.i8x16Shuffle(0x1f1e1d1c_1b1a1918_0b0a0908_03020100n);
  replaceNans(c, 'f32x4.ne');
  c.end();
  return c.bytes();
}

/** Takes the vector on the stack where the result has NaNs. */
function replaceNans(c: Code, compare: VectorOp): void {
  for (const local of [RESULT, RESULT, RESULT]) c.localGet(local);
  emit(c, compare);
  emit(c, 'v128.bitselect');
}
