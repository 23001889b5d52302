/** 64 by 64 to 128 bit products, and 128 by 64 bit division, which WebAssembly lacks. Intel SDM Vol. 2A, "DIV", "IDIV", "MUL". */
import { Code, I32, I64, OP } from './wasm/code.ts';
import type { ModuleWriter } from './wasm/module.ts';

export function addArithmetic(m: ModuleWriter) {
  const pair = m.type([I64, I64], [I64]);
  const triple = m.type([I64, I64, I64], [I64]);
  const fits = m.type([I64, I64, I64], [I32]);
  const mulHighU = m.func(pair, [I64, I64, I64], mulHighUCode());
  const mulHighS = m.func(pair, [], mulHighSCode(mulHighU));
  const divFitsU = m.func(fits, [], divFitsUCode());
  const divQuotientU = m.func(triple, [I64, I64], divideUCode(true));
  const divRemainderU = m.func(triple, [I64, I64], divideUCode(false));
  const signed = { divFitsU, divQuotientU, divRemainderU };
  return {
    mulHighU,
    mulHighS,
    ...signed,
    divFitsS: m.func(fits, [I64, I64], divFitsSCode(signed)),
    divQuotientS: m.func(triple, [I64, I64], divideSCode(signed, true)),
    divRemainderS: m.func(triple, [I64, I64], divideSCode(signed, false)),
  };
}

/** By 32-bit halves: x = xh:xl, y = yh:yl. */
function mulHighUCode(): Uint8Array {
  const X = 0, Y = 1, LOW_HIGH = 2, HIGH_LOW = 3, CARRY = 4; // biome-ignore format: locals in order
  const c = new Code();
  const low = (local: number) => {
    c.localGet(local);
    c.i64Const(0xffff_ffffn);
    c.op(OP.i64and);
  };
  const high = (local: number) => {
    c.localGet(local);
    c.i64Const(32n);
    c.op(OP.i64shrU);
  };
  low(X);
  high(Y);
  c.op(OP.i64mul);
  c.localSet(LOW_HIGH);
  high(X);
  low(Y);
  c.op(OP.i64mul);
  c.localSet(HIGH_LOW);
  // carry = (xl*yl >> 32) + low(xl*yh) + low(xh*yl)
  low(X);
  low(Y);
  c.op(OP.i64mul);
  c.i64Const(32n);
  c.op(OP.i64shrU);
  low(LOW_HIGH);
  c.op(OP.i64add);
  low(HIGH_LOW);
  c.op(OP.i64add);
  c.localSet(CARRY);
  high(X);
  high(Y);
  c.op(OP.i64mul);
  high(LOW_HIGH);
  c.op(OP.i64add);
  high(HIGH_LOW);
  c.op(OP.i64add);
  high(CARRY);
  c.op(OP.i64add);
  c.end();
  return c.bytes();
}

/** Signed from unsigned: subtract y if x is negative, and x if y is. */
function mulHighSCode(mulHighU: number): Uint8Array {
  const c = new Code();
  c.localGet(0);
  c.localGet(1);
  c.call(mulHighU);
  for (const [x, y] of [
    [0, 1],
    [1, 0],
  ] as const) {
    c.localGet(x);
    c.i64Const(63n);
    c.op(OP.i64shrS);
    c.localGet(y);
    c.op(OP.i64and);
    c.op(OP.i64sub);
  }
  c.end();
  return c.bytes();
}

/** The quotient fits when high < divisor; a zero divisor never does. */
function divFitsUCode(): Uint8Array {
  const c = new Code();
  c.localGet(0);
  c.localGet(2);
  c.op(OP.i64ltU);
  c.end();
  return c.bytes();
}

/** High word zero: one machine division. Otherwise bit by bit, shifting (high:low) left under the divisor. */
function divideUCode(quotient: boolean): Uint8Array {
  const HIGH = 0, LOW = 1, DIVISOR = 2, TURNS = 3, TOP = 4; // biome-ignore format: locals in order
  const c = new Code();
  c.localGet(HIGH);
  c.op(OP.i64eqz);
  c.if();
  c.localGet(LOW);
  c.localGet(DIVISOR);
  c.op(quotient ? OP.i64divU : OP.i64remU);
  c.op(OP.return);
  c.end();
  c.i64Const(64n);
  c.localSet(TURNS);
  c.loop();
  c.localGet(HIGH);
  c.localSet(TOP);
  c.localGet(HIGH);
  c.i64Const(1n);
  c.op(OP.i64shl);
  c.localGet(LOW);
  c.i64Const(63n);
  c.op(OP.i64shrU);
  c.op(OP.i64or);
  c.localSet(HIGH);
  c.localGet(LOW);
  c.i64Const(1n);
  c.op(OP.i64shl);
  c.localSet(LOW);
  // a bit shifted out of the top counts as 2^64, which is over any divisor
  c.localGet(TOP);
  c.i64Const(0n);
  c.op(OP.i64ltS);
  c.localGet(HIGH);
  c.localGet(DIVISOR);
  c.op(OP.i64geU);
  c.op(OP.i32or);
  c.if();
  c.localGet(HIGH);
  c.localGet(DIVISOR);
  c.op(OP.i64sub);
  c.localSet(HIGH);
  c.localGet(LOW);
  c.i64Const(1n);
  c.op(OP.i64or);
  c.localSet(LOW);
  c.end();
  c.localGet(TURNS);
  c.i64Const(1n);
  c.op(OP.i64sub);
  c.localTee(TURNS);
  c.op(OP.i64eqz);
  c.op(OP.i32eqz);
  c.brIf(0);
  c.end();
  c.localGet(quotient ? LOW : HIGH);
  c.end();
  return c.bytes();
}

interface Unsigned {
  readonly divFitsU: number;
  readonly divQuotientU: number;
  readonly divRemainderU: number;
}

/** Replaces (high:low) and the divisor by their magnitudes; the signs stay in locals 3 (dividend) and 4 (quotient) as 0 or -1. */
function magnitudes(c: Code): void {
  const HIGH = 0, LOW = 1, DIVISOR = 2, SIGN = 3, QUOTIENT_SIGN = 4; // biome-ignore format: locals in order
  c.localGet(HIGH);
  c.i64Const(63n);
  c.op(OP.i64shrS);
  c.localTee(SIGN);
  c.localGet(DIVISOR);
  c.i64Const(63n);
  c.op(OP.i64shrS);
  c.op(OP.i64xor);
  c.localSet(QUOTIENT_SIGN);
  // two's complement: invert, add one, carry into the high word when the low one becomes zero
  c.localGet(HIGH);
  c.localGet(SIGN);
  c.op(OP.i64xor);
  c.localGet(LOW);
  c.op(OP.i64eqz);
  c.op(OP.i64extendI32U);
  c.localGet(SIGN);
  c.op(OP.i64and);
  c.op(OP.i64add);
  c.localSet(HIGH);
  c.localGet(LOW);
  c.localGet(SIGN);
  c.op(OP.i64xor);
  c.localGet(SIGN);
  c.op(OP.i64sub);
  c.localSet(LOW);
  c.localGet(DIVISOR);
  c.localGet(DIVISOR);
  c.i64Const(63n);
  c.op(OP.i64shrS);
  c.op(OP.i64xor);
  c.localGet(DIVISOR);
  c.i64Const(63n);
  c.op(OP.i64shrS);
  c.op(OP.i64sub);
  c.localSet(DIVISOR);
}

/** The magnitude of the quotient is at most 2^63 - 1, or 2^63 when the quotient is negative. */
function divFitsSCode({ divFitsU, divQuotientU }: Unsigned): Uint8Array {
  const c = new Code();
  magnitudes(c);
  for (const local of [0, 1, 2]) c.localGet(local);
  c.call(divFitsU);
  c.op(OP.i32eqz);
  c.if();
  c.i32Const(0);
  c.op(OP.return);
  c.end();
  for (const local of [0, 1, 2]) c.localGet(local);
  c.call(divQuotientU);
  c.i64Const(0x7fff_ffff_ffff_ffffn);
  c.localGet(4);
  c.op(OP.i64sub);
  c.op(OP.i64leU);
  c.end();
  return c.bytes();
}

function divideSCode({ divQuotientU, divRemainderU }: Unsigned, quotient: boolean): Uint8Array {
  const c = new Code();
  const sign = quotient ? 4 : 3;
  magnitudes(c);
  for (const local of [0, 1, 2]) c.localGet(local);
  c.call(quotient ? divQuotientU : divRemainderU);
  c.localGet(sign);
  c.op(OP.i64xor);
  c.localGet(sign);
  c.op(OP.i64sub);
  c.end();
  return c.bytes();
}
