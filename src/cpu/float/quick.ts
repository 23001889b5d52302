/**
 * A quick way to exact results where WebAssembly rounds as MXCSR says: it remains to be found out whether a result is
 * inexact. So programs that compute with integers in floating-point numbers, which never set PE, are not slow.
 */
import type { F32, F64, I32, I64 } from '../wasm/code.ts';
import { type Func, type Int, i64, op, type Value } from '../wasm/func.ts';
import { PE } from './area.ts';
import { raise, roundingOf } from './core.ts';
import { F32_FORMAT, type Format } from './format.ts';

type I32Value = Int<typeof I32>;
type I64Value = Int<typeof I64>;
export type QuickOperation = 'add' | 'sub' | 'mul' | 'div' | 'sqrt';

/** Neither denormal nor infinite nor a NaN; a zero if `orZero`. */
function isUsual({ fractionBits, exponentBits, maxExponent }: Format, x: I64Value, orZero: boolean): I32Value {
  const exponent = x.shrU(fractionBits).wrap().and(maxExponent);
  const isNormal = exponent.sub(1).ltU(maxExponent - 1);
  return orZero ? isNormal.or(x.shl(64 - fractionBits - exponentBits).eqz()) : isNormal;
}
const isZero = ({ fractionBits, exponentBits }: Format, x: I64Value): I32Value =>
  x.shl(64 - fractionBits - exponentBits).eqz();
/** Of a normal f64: bits of its significand up to the last one that is set. */
const lengthOf = (x: I64Value): I32Value =>
  x
    .or(1n << 52n)
    .ctz()
    .wrap()
    .neg()
    .add(53);

/** If it is certain of the result, sets it, raises PE if need be, and calls `done`. */
export function quickly(
  f: Func,
  format: Format,
  name: QuickOperation,
  [x, y = x]: readonly I64Value[],
  control: I32Value,
  done: (result: I64Value) => void,
): void {
  const isShort = format === F32_FORMAT;
  f.if(
    roundingOf(control)
      .eqz()
      .and(isUsual(format, x, true))
      .and(isUsual(format, y, true)),
    () => {
      const result = f.let(
        isShort
          ? op('i32.reinterpret_f32', apply32(name, single(x), single(y))).extendU()
          : op('i64.reinterpret_f64', apply64(name, double(x), double(y))),
      );
      if (name === 'add' || name === 'sub') {
        f.if(isUsual(format, result, true), () => {
          f.if(isShort ? sumIsInexact32(f, name, x, y, result) : sumIsInexact64(f, name, x, y, result), () =>
            raise(f, PE),
          );
          done(result);
        });
        return;
      }
      if (name !== 'sqrt') {
        const isNothing =
          name === 'mul' ? isZero(format, x).or(isZero(format, y)) : isZero(format, x).and(isZero(format, y).eqz());
        f.if(isNothing, () => done(result));
      }
      f.if(isUsual(format, result, false), () => {
        // The result times what gives the first operand, if it is exact.
        const [p, q, product] = name === 'mul' ? [x, y, result] : name === 'div' ? [result, y, x] : [result, result, x];
        if (isShort) {
          const exact = op('f64.mul', promote(p), promote(q));
          f.if(op('f64.ne', exact, promote(product)), () => raise(f, PE));
          done(result);
          return;
        }
        // Significands of m and n bits, the last ones set, have a product of m + n or one bit less.
        const length = f.let(lengthOf(p).add(lengthOf(q)));
        f.if(length.gtS(54), () => {
          raise(f, PE);
          done(result);
        });
        f.if(length.leS(53), () => {
          f.if(op('f64.ne', op('f64.mul', double(p), double(q)), double(product)), () => raise(f, PE));
          done(result);
        });
      });
    },
  );
}

const double = (x: I64Value): Value<typeof F64> => op('f64.reinterpret_i64', x);
const single = (x: I64Value): Value<typeof F32> => op('f32.reinterpret_i32', x.wrap());
const promote = (x: I64Value): Value<typeof F64> => op('f64.promote_f32', single(x));
const apply64 = (name: QuickOperation, x: Value<typeof F64>, y: Value<typeof F64>): Value<typeof F64> =>
  name === 'sqrt' ? op('f64.sqrt', x) : op(`f64.${name}`, x, y);
const apply32 = (name: QuickOperation, x: Value<typeof F32>, y: Value<typeof F32>): Value<typeof F32> =>
  name === 'sqrt' ? op('f32.sqrt', x) : op(`f32.${name}`, x, y);

/** Whether result - x - y is not 0, by a sequence of exact operations (D. Knuth, The Art of Computer Programming 2, 4.2.2). */
function sumIsInexact64(f: Func, name: 'add' | 'sub', xBits: I64Value, yBits: I64Value, result: I64Value): I32Value {
  const [x, y, r] = [double(xBits), double(name === 'sub' ? yBits.xor(1n << 63n) : yBits), double(result)];
  const second = f.let(op('f64.sub', r, x));
  const first = op('f64.sub', r, second);
  return op('f64.ne', op('f64.add', op('f64.sub', x, first), op('f64.sub', y, second)), double(i64(0)));
}
function sumIsInexact32(f: Func, name: 'add' | 'sub', xBits: I64Value, yBits: I64Value, result: I64Value): I32Value {
  const [x, y, r] = [single(xBits), single(name === 'sub' ? yBits.xor(1n << 31n) : yBits), single(result)];
  const second = f.let(op('f32.sub', r, x));
  const first = op('f32.sub', r, second);
  return op('f32.ne', op('f32.add', op('f32.sub', x, first), op('f32.sub', y, second)), single(i64(0)));
}
