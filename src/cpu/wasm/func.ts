/**
 * WebAssembly functions written as expressions and statements, for code that would be unreadable as a list of opcodes.
 * A function is a definition; a FuncLibrary writes those that are used into a module, each once, what it calls first.
 * ```
 *   const mulAdd = define('mulAdd', [I64, I64, I32], [I64], (f, x, y, z) => {
 *     const product = f.let(x.mul(y));
 *     f.if(z.ne(0), () => product.set(product.add(z.extendU())));
 *     return product;
 *   });
 * ```
 * An expression is written where it is used, and once more at each further use; `let` keeps its value in a local.
 */

import { Code, F32, F64, I32, I64, type NumericOp, OP, V128, type ValType } from './code.ts';
import type { BranchHint, ModuleWriter } from './module.ts';
import { typeOfLetter, VECTOR_OPS, type VectorOp } from './vector-ops.ts';

type I32Type = typeof I32;
type I64Type = typeof I64;
type IntType = I32Type | I64Type;

export class Value<T extends ValType> {
  readonly type: T;
  readonly write: (c: Code) => void;
  constructor(type: T, write: (c: Code) => void) {
    this.type = type;
    this.write = write;
  }
}
/** What stands for a value of a type: integers may be written as they are. */
export type Arg<T extends ValType> = Value<T> | (T extends IntType ? number | bigint : never);
/** The type of expressions. */
export type ValueOf<T extends ValType> = T extends IntType ? Int<T> : Value<T>;

const constantOf = (type: IntType, x: number | bigint): ((c: Code) => void) =>
  type === I32 ? (c) => c.i32Const(Number(BigInt.asIntN(32, BigInt(x)))) : (c) => c.i64Const(BigInt(x));
function writeArg(c: Code, type: ValType, x: Value<ValType> | number | bigint): void {
  if (typeof x === 'object') x.write(c);
  else constantOf(type as IntType, x)(c);
}

export class Int<T extends IntType> extends Value<T> {
  private _binary<R extends IntType>(result: R, op32: NumericOp, op64: NumericOp, y: Arg<T>): Int<R> {
    return new Int(result, (c) => {
      this.write(c);
      writeArg(c, this.type, y);
      c.op(this.type === I32 ? op32 : op64);
    });
  }
  private _unary<R extends IntType>(result: R, op32: NumericOp, op64: NumericOp): Int<R> {
    return new Int(result, (c) => {
      this.write(c);
      c.op(this.type === I32 ? op32 : op64);
    });
  }
  /** Shift counts may be of either width. */
  private _shift(op32: NumericOp, op64: NumericOp, count: Arg<T> | Value<I32Type>): Int<T> {
    const isNarrow = typeof count === 'object' && count.type === I32 && this.type === I64;
    return this._binary(this.type, op32, op64, (isNarrow ? new Int(I32, count.write).extendU() : count) as Arg<T>);
  }
  add(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32add, OP.i64add, y); }
  sub(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32sub, OP.i64sub, y); }
  mul(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32mul, OP.i64mul, y); }
  divU(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32divU, OP.i64divU, y); }
  divS(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32divS, OP.i64divS, y); }
  remU(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32remU, OP.i64remU, y); }
  and(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32and, OP.i64and, y); }
  or(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32or, OP.i64or, y); }
  xor(y: Arg<T>): Int<T> { return this._binary(this.type, OP.i32xor, OP.i64xor, y); }
  shl(count: Arg<T> | Value<I32Type>): Int<T> { return this._shift(OP.i32shl, OP.i64shl, count); }
  shrU(count: Arg<T> | Value<I32Type>): Int<T> { return this._shift(OP.i32shrU, OP.i64shrU, count); }
  shrS(count: Arg<T> | Value<I32Type>): Int<T> { return this._shift(OP.i32shrS, OP.i64shrS, count); }
  rotl(count: Arg<T> | Value<I32Type>): Int<T> { return this._shift(OP.i32rotl, OP.i64rotl, count); }
  eq(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32eq, OP.i64eq, y); }
  ne(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32ne, OP.i64ne, y); }
  ltU(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32ltU, OP.i64ltU, y); }
  ltS(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32ltS, OP.i64ltS, y); }
  gtU(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32gtU, OP.i64gtU, y); }
  gtS(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32gtS, OP.i64gtS, y); }
  leU(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32leU, OP.i64leU, y); }
  leS(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32leS, OP.i64leS, y); }
  geU(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32geU, OP.i64geU, y); }
  geS(y: Arg<T>): Int<I32Type> { return this._binary(I32, OP.i32geS, OP.i64geS, y); }
  eqz(): Int<I32Type> { return this._unary(I32, OP.i32eqz, OP.i64eqz); }
  clz(): Int<T> { return this._unary(this.type, OP.i32clz, OP.i64clz); }
  ctz(): Int<T> { return this._unary(this.type, OP.i32ctz, OP.i64ctz); }
  neg(): Int<T> { return new Int<T>(this.type, constantOf(this.type, 0)).sub(this); }
  not(): Int<T> { return this.xor(-1 as Arg<T>); }
  /** 0 or 1. */
  isZero(): Int<I32Type> { return this.eqz(); }
  isSet(): Int<I32Type> { return this.ne(0 as Arg<T>); }
  /** Of an i64: the low half. */
  wrap(): Int<I32Type> { return this._unary(I32, OP.i32wrapI64, OP.i32wrapI64); }
  /** Of an i32: as an i64. */
  extendU(): Int<I64Type> { return this._unary(I64, OP.i64extendI32U, OP.i64extendI32U); }
  extendS(): Int<I64Type> { return this._unary(I64, OP.i64extendI32S, OP.i64extendI32S); }
} // biome-ignore format: a table of operations

const typed = <T extends ValType>(type: T, write: (c: Code) => void): ValueOf<T> =>
  (type === I32 || type === I64 ? new Int(type, write) : new Value(type, write)) as unknown as ValueOf<T>;

export const i32 = (x: number): Int<I32Type> => new Int(I32, constantOf(I32, x));
export const i64 = (x: number | bigint): Int<I64Type> => new Int(I64, constantOf(I64, x));
export const v128 = (low: bigint, high: bigint): Value<typeof V128> =>
  new Value(V128, (c) => c.v128Const((BigInt.asUintN(64, high) << 64n) | BigInt.asUintN(64, low)));

/** `condition ? x : y`, both computed. */
export function select<T extends ValType>(condition: Value<I32Type>, x: ValueOf<T> & Value<T>, y: Arg<T>): ValueOf<T> {
  return typed<T>(x.type, (c) => {
    x.write(c);
    writeArg(c, x.type, y as Value<ValType>);
    condition.write(c);
    c.op(OP.select);
  });
}

interface Letters {
  v: Value<typeof V128>;
  i: Int<I32Type>;
  l: Int<I64Type>;
  s: Value<typeof F32>;
  d: Value<typeof F64>;
  '#': number;
}
interface LetterArgs {
  v: Value<typeof V128>;
  i: Arg<I32Type>;
  l: Arg<I64Type>;
  s: Value<typeof F32>;
  d: Value<typeof F64>;
  '#': number;
}
type OpArgs<P extends string> = P extends `${infer L extends keyof LetterArgs}${infer Rest}`
  ? [LetterArgs[L], ...OpArgs<Rest>]
  : [];
/** An operation of VECTOR_OPS: `op('f64.add', x, y)`. Lanes' numbers are plain numbers. */
export function op<K extends VectorOp>(
  name: K,
  ...args: OpArgs<(typeof VECTOR_OPS)[K][1]>
): Letters[(typeof VECTOR_OPS)[K][2]] {
  const [opcode, params, result] = VECTOR_OPS[name];
  return typed(typeOfLetter(result), (c) => {
    let lane = -1;
    for (const [i, letter] of [...params].entries()) {
      const arg = args[i] as Value<ValType> | number;
      if (letter === '#') lane = arg as number;
      else writeArg(c, typeOfLetter(letter), arg);
    }
    c.wideOp(opcode);
    if (lane >= 0) c.byte(lane);
  }) as unknown as Letters[(typeof VECTOR_OPS)[K][2]];
}

/** Sixteen bytes by number: 0 to 15 of x, 16 to 31 of y. */
export const shuffle = (x: Value<typeof V128>, y: Value<typeof V128>, bytes: readonly number[]): Value<typeof V128> =>
  new Value(V128, (c) => {
    x.write(c);
    y.write(c);
    c.i8x16Shuffle(bytes.reduce((all, byte, i) => all | (BigInt(byte) << BigInt(8 * i)), 0n));
  });

/** What is in memory at a fixed offset, or that far from an address. */
export const load = <T extends ValType>(type: T, offset: number, address: Arg<I32Type> = 0): ValueOf<T> =>
  typed(type, (c) => {
    writeArg(c, I32, address);
    if (type === I32) c.i32Load(offset);
    else if (type === I64) c.i64Load(offset);
    else if (type === F32) c.f32Load(offset);
    else if (type === F64) c.f64Load(offset);
    else c.v128Load(offset);
  });
export const load8 = (offset: number, address: Arg<I32Type> = 0): Int<I32Type> =>
  new Int(I32, (c) => {
    writeArg(c, I32, address);
    c.i32Load8U(offset);
  });
export const load16 = (offset: number, address: Arg<I32Type> = 0): Int<I32Type> =>
  new Int(I32, (c) => {
    writeArg(c, I32, address);
    c.i32Load16U(offset);
  });

export type Args<P extends readonly ValType[]> = { [K in keyof P]: Arg<P[K]> };
export type Vars<P extends readonly ValType[]> = { [K in keyof P]: Var<P[K]> };
/** What a body may hand back in place of a `return`: its result, or a list of them. */
type Results<R extends readonly ValType[]> = R['length'] extends 0
  ? unknown
  : Value<R[0]> | readonly (Value<ValType> | number | bigint)[] | ReturnType<() => void>;

export interface FuncDef<P extends readonly ValType[], R extends readonly ValType[]> {
  readonly name: string;
  readonly params: P;
  readonly results: R;
  readonly body: (f: Func, ...params: Vars<P>) => Results<R>;
}
// biome-ignore lint/suspicious/noExplicitAny: of any signature
export type AnyFuncDef = FuncDef<any, any>;

export const define = <const P extends readonly ValType[], const R extends readonly ValType[]>(
  name: string,
  params: P,
  results: R,
  body: (f: Func, ...params: Vars<P>) => Results<R>,
): FuncDef<P, R> => ({ name, params, results, body });

/** A local. */
export type Var<T extends ValType> = ValueOf<T> & { set(x: Arg<T>): void };

export class Func {
  private readonly _c = new Code(1024);
  private readonly _library: FuncLibrary;
  private readonly _locals: ValType[] = [];
  private readonly _params: number;
  private readonly _hints: BranchHint[] = [];
  private _depth = 0;
  constructor(library: FuncLibrary, params: number) {
    this._library = library;
    this._params = params;
  }

  /** @internal */
  param<T extends ValType>(type: T, index: number): Var<T> {
    const value = typed(type, (c) => c.localGet(index));
    return Object.assign(value, {
      set: (x: Arg<T>) => {
        writeArg(this._c, type, x as Value<ValType>);
        this._c.localSet(index);
      },
    });
  }
  /** A new local, zero at the function's start and whatever it was in a further turn of a loop. */
  local<T extends ValType>(type: T): Var<T> {
    return this.param(type, this._params + this._locals.push(type) - 1);
  }
  /** A new local with the value. */
  let<T extends ValType>(x: Value<T>): Var<T> {
    const local = this.local(x.type);
    local.set(x as Arg<T>);
    return local;
  }
  if(condition: Value<I32Type>, then: () => void, otherwise?: () => void): void {
    condition.write(this._c);
    this._c.if();
    this._inside(then);
    if (otherwise) {
      this._c.else();
      this._inside(otherwise);
    }
    this._c.end();
  }
  /** As `if`, of something that hardly happens. */
  unlikely(condition: Value<I32Type>, then: () => void): void {
    condition.write(this._c);
    this._hints.push({ offset: this._c.length, likely: false });
    this._c.if();
    this._inside(then);
    this._c.end();
  }
  private _inside(body: () => void): void {
    this._depth++;
    body();
    this._depth--;
  }
  /** `leave()` goes on behind it. */
  block(body: (leave: () => void) => void): void {
    this._c.block();
    const depth = ++this._depth;
    body(() => this._c.br(this._depth - depth));
    this._depth--;
    this._c.end();
  }
  /** Turns until `leave()` is called. */
  loop(body: (leave: () => void) => void): void {
    this.block((leave) => {
      this._c.loop();
      this._inside(() => {
        body(leave);
        this._c.br(0);
      });
      this._c.end();
    });
  }
  while(condition: Int<I32Type>, body: () => void): void {
    this.loop((leave) => {
      this.if(condition.eqz(), leave);
      body();
    });
  }
  return(...values: readonly Value<ValType>[]): void {
    for (const value of values) value.write(this._c);
    this._c.op(OP.return);
  }
  store<T extends ValType>(type: T, offset: number, value: Arg<T>, address: Arg<I32Type> = 0): void {
    const c = this._c;
    writeArg(c, I32, address);
    writeArg(c, type, value as Value<ValType>);
    if (type === I32) c.i32Store(offset);
    else if (type === I64) c.i64Store(offset);
    else if (type === F32) c.f32Store(offset);
    else if (type === F64) c.f64Store(offset);
    else c.v128Store(offset);
  }
  store8(offset: number, value: Arg<I32Type>, address: Arg<I32Type> = 0): void {
    writeArg(this._c, I32, address);
    writeArg(this._c, I32, value);
    this._c.i32Store8(offset);
  }
  store16(offset: number, value: Arg<I32Type>, address: Arg<I32Type> = 0): void {
    writeArg(this._c, I32, address);
    writeArg(this._c, I32, value);
    this._c.i32Store16(offset);
  }
  /** Of memory: `bytes` bytes, which may overlap. */
  memoryCopy(to: Value<I32Type>, from: Value<I32Type>, bytes: Value<I32Type>): void {
    for (const x of [to, from, bytes]) x.write(this._c);
    this._c.memoryCopy();
  }
  memoryFill(to: Value<I32Type>, byte: Value<I32Type>, bytes: Value<I32Type>): void {
    for (const x of [to, byte, bytes]) x.write(this._c);
    this._c.memoryFill();
  }
  private _writeCall(def: AnyFuncDef, args: readonly unknown[]): (c: Code) => void {
    const index = this._library.use(def);
    return (c) => {
      for (const [i, arg] of args.entries()) writeArg(c, def.params[i], arg as Value<ValType>);
      c.call(index);
    };
  }
  /** A function's only result, as an expression: the call happens where it is used. */
  call<P extends readonly ValType[], T extends ValType>(def: FuncDef<P, readonly [T]>, ...args: Args<P>): ValueOf<T> {
    return typed(def.results[0], this._writeCall(def, args));
  }
  /** Calls now, results in new locals. */
  calls<P extends readonly ValType[], R extends readonly ValType[]>(def: FuncDef<P, R>, ...args: Args<P>): Vars<R> {
    this._writeCall(def, args)(this._c);
    const locals = def.results.map((type) => this._locals.push(type) - 1 + this._params);
    for (const local of locals.toReversed()) this._c.localSet(local);
    return def.results.map((type, i) => this.param(type, locals[i])) as unknown as Vars<R>;
  }

  /** @internal */
  finish(): { locals: readonly ValType[]; code: Uint8Array; hints: readonly BranchHint[] } {
    this._c.op(OP.unreachable);
    this._c.end();
    return { locals: this._locals, code: this._c.bytes(), hints: this._hints };
  }
}

/** Functions of one module. */
export class FuncLibrary {
  private readonly _module: ModuleWriter;
  private readonly _indices = new Map<AnyFuncDef, number>();
  constructor(module: ModuleWriter) {
    this._module = module;
  }
  /** The function's index; writes it at the first use. */
  use(def: AnyFuncDef): number {
    const known = this._indices.get(def);
    if (known !== undefined) return known;
    const f = new Func(this, def.params.length);
    const params = (def.params as readonly ValType[]).map((type, i) => f.param(type, i));
    const result = (def.body as (f: Func, ...params: unknown[]) => unknown)(f, ...params);
    if (result !== undefined || def.results.length === 0) {
      const list: readonly unknown[] = def.results.length === 0 ? [] : Array.isArray(result) ? result : [result];
      f.return(
        ...list.map((x, i) => new Value(def.results[i] as ValType, (c) => writeArg(c, def.results[i], x as number))),
      );
    }
    const { locals, code, hints } = f.finish();
    const index = this._module.func(this._module.type(def.params, def.results), locals, code.slice(), hints);
    this._indices.set(def, index);
    return index;
  }
}
