/** flagsImage of cpu/flags.ts as a WebAssembly function, for regions that meet flags whose origin they do not know. */
import {
  AF,
  FOP_CARRY,
  KIND_ADD,
  KIND_DEC,
  KIND_INC,
  KIND_MUL,
  KIND_ORDER,
  KIND_PACKED,
  KIND_RESULT,
  KIND_SUB,
  OF,
  PF,
  SF,
  ZF,
} from './flags.ts';
import { Code, I32, I64, OP } from './wasm/code.ts';
import type { ModuleWriter } from './wasm/module.ts';
import { VECTOR_OPS } from './wasm/vector-ops.ts';

/** (fop, fx, fy, fc) -> OF SF ZF AF PF CF. `mulHighS`: (i64, i64) -> i64. */
export function addFlagsImage(m: ModuleWriter, mulHighS: number): number {
  const FOP = 0, FX = 1, FY = 2, FC = 3, KIND = 4, TOP = 5, RESULT = 6, OVERFLOW = 7, ADJUST = 8, DERIVE = 9, X = 10, Y = 11; // biome-ignore format: locals in order
  const c = new Code();
  c.localGet(FOP);
  c.i32Const(FOP_CARRY);
  c.op(OP.i32and);
  c.localSet(DERIVE);
  c.localGet(FOP);
  c.i32Const(FOP_CARRY - 1);
  c.op(OP.i32and);
  c.localSet(FOP);
  const whenKind = (kind: number, write: () => void) => {
    c.localGet(KIND);
    c.i32Const(kind);
    c.op(OP.i32eq);
    c.if();
    write();
    c.end();
  };
  c.localGet(FOP);
  c.i32Const(2);
  c.op(OP.i32shrU);
  c.localTee(KIND);
  c.i32Const(KIND_PACKED);
  c.op(OP.i32eq);
  c.if();
  c.localGet(FX);
  c.op(OP.i32wrapI64);
  c.i32Const(OF | SF | ZF | AF | PF);
  c.op(OP.i32and);
  c.localGet(FC);
  c.op(OP.i32or);
  c.op(OP.return);
  c.end();
  whenKind(KIND_ORDER, () => {
    const compare = (op: 'f64.lt' | 'f64.gt' | 'f64.ge' | 'f64.ne', x: number, y: number) => {
      for (const local of [x, y]) {
        c.localGet(local);
        c.wideOp(VECTOR_OPS['f64.reinterpret_i64'][0]);
      }
      c.wideOp(VECTOR_OPS[op][0]);
    };
    c.localGet(DERIVE);
    c.if();
    compare('f64.ge', FX, FY);
    c.op(OP.i32eqz);
    c.localSet(FC);
    c.end();
    compare('f64.lt', FX, FY);
    compare('f64.gt', FX, FY);
    c.op(OP.i32or);
    c.op(OP.i32eqz);
    c.i32Const(Math.log2(ZF));
    c.op(OP.i32shl);
    compare('f64.ne', FX, FX);
    compare('f64.ne', FY, FY);
    c.op(OP.i32or);
    c.i32Const(Math.log2(PF));
    c.op(OP.i32shl);
    c.op(OP.i32or);
    c.localGet(FC);
    c.op(OP.i32or);
    c.op(OP.return);
  });
  // TOP: position of the sign bit
  c.i64Const(8n);
  c.localGet(FOP);
  c.i32Const(3);
  c.op(OP.i32and);
  c.op(OP.i64extendI32U);
  c.op(OP.i64shl);
  c.i64Const(1n);
  c.op(OP.i64sub);
  c.localSet(TOP);
  c.localGet(FX);
  c.localSet(RESULT);
  const bit = (x: () => void) => {
    x();
    c.localGet(TOP);
    c.op(OP.i64shrU);
    c.op(OP.i32wrapI64);
    c.i32Const(1);
    c.op(OP.i32and);
  };
  /** The value on the stack, zero- or sign-extended from the width: the rest is shifted out and back in. */
  const toWidth = (back: typeof OP.i64shrU | typeof OP.i64shrS) => {
    for (const op of [OP.i64shl, back]) {
      c.i64Const(63n);
      c.localGet(TOP);
      c.op(OP.i64sub);
      c.op(op);
    }
  };
  const addOrSub = (isAdd: boolean) => {
    c.localGet(FX);
    c.localGet(FY);
    c.op(isAdd ? OP.i64add : OP.i64sub);
    toWidth(OP.i64shrU);
    c.localSet(RESULT);
    bit(() => {
      c.localGet(FX);
      c.localGet(isAdd ? RESULT : FY);
      c.op(OP.i64xor);
      c.localGet(isAdd ? FY : FX);
      c.localGet(RESULT);
      c.op(OP.i64xor);
      c.op(OP.i64and);
    });
    c.localSet(OVERFLOW);
    c.localGet(FX);
    c.localGet(FY);
    c.op(OP.i64xor);
    c.localGet(RESULT);
    c.op(OP.i64xor);
    c.op(OP.i32wrapI64);
    c.i32Const(AF);
    c.op(OP.i32and);
    c.localSet(ADJUST);
    c.localGet(DERIVE);
    c.if();
    if (isAdd) {
      c.localGet(RESULT);
      c.localGet(FX);
    } else {
      c.localGet(FX);
      c.localGet(FY);
    }
    c.op(OP.i64ltU);
    c.localSet(FC);
    c.end();
  };
  /** The operand sign-extended from the width. */
  const signed = (from: number, to: number) => {
    c.localGet(from);
    toWidth(OP.i64shrS);
    c.localSet(to);
  };
  whenKind(KIND_MUL, () => {
    signed(FX, X);
    signed(FY, Y);
    c.localGet(X);
    c.localGet(Y);
    c.op(OP.i64mul);
    c.localSet(RESULT);
    // it fits 64 bits when the high half repeats the sign, and the width when sign-extension gives it back
    c.localGet(X);
    c.localGet(Y);
    c.call(mulHighS);
    c.localGet(RESULT);
    c.i64Const(63n);
    c.op(OP.i64shrS);
    c.op(OP.i64ne);
    signed(RESULT, X);
    c.localGet(X);
    c.localGet(RESULT);
    c.op(OP.i64ne);
    c.op(OP.i32or);
    c.localSet(OVERFLOW);
    c.localGet(DERIVE);
    c.if();
    c.localGet(OVERFLOW);
    c.localSet(FC);
    c.end();
    c.localGet(RESULT);
    toWidth(OP.i64shrU);
    c.localSet(RESULT);
  });
  whenKind(KIND_ADD, () => addOrSub(true));
  whenKind(KIND_SUB, () => addOrSub(false));
  whenKind(KIND_RESULT, () => {
    c.localGet(FY);
    c.op(OP.i32wrapI64);
    c.i32Const(1);
    c.op(OP.i32and);
    c.localSet(OVERFLOW);
    c.localGet(FY);
    c.op(OP.i32wrapI64);
    c.i32Const(AF);
    c.op(OP.i32and);
    c.localSet(ADJUST);
  });
  const incOrDec = (low: number) => {
    // INC overflows to the lowest number, DEC to the highest
    c.localGet(RESULT);
    c.i64Const(1n);
    c.localGet(TOP);
    c.op(OP.i64shl);
    if (low !== 0) {
      c.i64Const(1n);
      c.op(OP.i64sub);
    }
    c.op(OP.i64eq);
    c.localSet(OVERFLOW);
    c.localGet(RESULT);
    c.op(OP.i32wrapI64);
    c.i32Const(15);
    c.op(OP.i32and);
    c.i32Const(low);
    c.op(OP.i32eq);
    c.i32Const(4);
    c.op(OP.i32shl);
    c.localSet(ADJUST);
  };
  whenKind(KIND_INC, () => incOrDec(0));
  whenKind(KIND_DEC, () => incOrDec(15));
  c.localGet(OVERFLOW);
  c.i32Const(11);
  c.op(OP.i32shl);
  bit(() => c.localGet(RESULT));
  c.i32Const(7);
  c.op(OP.i32shl);
  c.op(OP.i32or);
  c.localGet(RESULT);
  c.op(OP.i64eqz);
  c.i32Const(6);
  c.op(OP.i32shl);
  c.op(OP.i32or);
  c.localGet(ADJUST);
  c.op(OP.i32or);
  c.localGet(RESULT);
  c.op(OP.i32wrapI64);
  c.i32Const(0xff);
  c.op(OP.i32and);
  c.op(OP.i32popcnt);
  c.i32Const(1);
  c.op(OP.i32and);
  c.i32Const(1);
  c.op(OP.i32xor);
  c.i32Const(2);
  c.op(OP.i32shl);
  c.op(OP.i32or);
  c.localGet(FC);
  c.op(OP.i32or);
  c.end();
  return m.func(m.type([I32, I64, I64, I32], [I32]), [I32, I64, I64, I32, I32, I32, I64, I64], c.bytes());
}
