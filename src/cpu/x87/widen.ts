/**
 * Operands in memory as f80 numbers: exact, signaling NaNs as they are. What is a denormal number there is a normal one
 * here, so that comes along.
 */
import { I32, I64 } from '../wasm/code.ts';
import { define, i32, i64, select } from '../wasm/func.ts';

const INTEGER_BIT = 1n << 63n;
const BIAS = 0x3fff;

/** (bits) -> (significand, sign and exponent, whether it was denormal). */
const widen = (name: string, fractionBits: number, exponentBits: number) =>
  define(`x87.widen.${name}`, [I64], [I64, I32, I32], (f, bits) => {
    const largest = 2 ** exponentBits - 1;
    const bias = 2 ** (exponentBits - 1) - 1;
    const sign = f.let(
      bits
        .shrU(fractionBits + exponentBits - 15)
        .wrap()
        .and(0x8000),
    );
    const exponent = f.let(bits.shrU(fractionBits).wrap().and(largest));
    const fraction = f.let(bits.shl(63 - fractionBits).and(INTEGER_BIT - 1n));
    f.unlikely(exponent.eqz(), () => {
      f.if(fraction.eqz(), () => f.return(i64(0), sign, i32(0)));
      const by = f.let(fraction.clz().wrap());
      f.return(fraction.shl(by), sign.or(i32(BIAS - bias + 1).sub(by)), i32(1));
    });
    const wide = select(exponent.eq(largest), i32(0x7fff), exponent.add(BIAS - bias));
    return [fraction.or(INTEGER_BIT), sign.or(wide), 0];
  });
export const WIDEN = { f32: widen('f32', 23, 8), f64: widen('f64', 52, 11) };

/** (integer) -> (significand, sign and exponent). */
export const fromInteger = define('x87.fromInteger', [I64], [I64, I32], (f, x) => {
  f.if(x.eqz(), () => f.return(i64(0), i32(0)));
  const sign = f.let(x.ltS(0));
  const size = f.let(select(sign, x.neg(), x));
  const by = f.let(size.clz().wrap());
  return [size.shl(by), sign.shl(15).or(i32(BIAS + 63).sub(by))];
});
