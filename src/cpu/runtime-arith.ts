/** 64 by 64 to 128 bit products, and 128 by 64 bit division, which WebAssembly lacks. Intel SDM Vol. 2A, "DIV", "IDIV", "MUL". */
import { divWide, mulWide } from './float/wide.ts';
import { I32, I64 } from './wasm/code.ts';
import { type AnyFuncDef, define, FuncLibrary, type Int, select } from './wasm/func.ts';
import type { ModuleWriter } from './wasm/module.ts';

type I64Value = Int<typeof I64>;

const mulHighU = define('mulHighU', [I64, I64], [I64], (f, x, y) => {
  const [high] = f.calls(mulWide, x, y);
  return high;
});
/** Signed from unsigned: subtract y if x is negative, and x if y is. */
const mulHighS = define('mulHighS', [I64, I64], [I64], (f, x, y) =>
  f.call(mulHighU, x, y).sub(x.shrS(63).and(y)).sub(y.shrS(63).and(x)),
);

/** Of (high:low) / divisor, where high < divisor. */
const divQuotientU = define('divQuotientU', [I64, I64, I64], [I64], (f, high, low, divisor) => {
  f.if(high.eqz(), () => f.return(low.divU(divisor)));
  const by = f.let(divisor.clz());
  const moved = select(by.eqz(), by, low.shrU(by.neg()));
  const [quotient] = f.calls(divWide, high.shl(by).or(moved), low.shl(by), divisor.shl(by));
  return quotient;
});

const negateIf = (x: I64Value, sign: I64Value): I64Value => x.xor(sign).sub(sign);
/** |(high:low)| and |divisor|, with the signs of dividend and quotient as 0 or -1. */
const magnitudes = define('magnitudes', [I64, I64, I64], [I64, I64, I64, I64, I64], (f, high, low, divisor) => {
  const sign = f.let(high.shrS(63));
  const divisorSign = f.let(divisor.shrS(63));
  const borrow = f.let(sign.isSet().and(low.isSet()).extendU());
  low.set(negateIf(low, sign));
  high.set(negateIf(high, sign).sub(borrow));
  return [high, low, negateIf(divisor, divisorSign), sign, sign.xor(divisorSign)];
});
/** Whether the divisor is not zero and the quotient fits in 64 bits. */
const divFitsS = define('divFitsS', [I64, I64, I64], [I32], (f, high, low, divisor) => {
  const [h, l, d, , sign] = f.calls(magnitudes, high, low, divisor);
  f.if(h.geU(d), () => f.return(h.ltU(d)));
  return f.call(divQuotientU, h, l, d).leU(sign.neg().add(0x7fff_ffff_ffff_ffffn));
});
const divQuotientS = define('divQuotientS', [I64, I64, I64], [I64], (f, high, low, divisor) => {
  const [h, l, d, , sign] = f.calls(magnitudes, high, low, divisor);
  return negateIf(f.call(divQuotientU, h, l, d), sign);
});

const FUNCS = { mulHighS, divQuotientU, divFitsS, divQuotientS };

export function addArithmetic(m: ModuleWriter): Record<keyof typeof FUNCS, number> {
  const library = new FuncLibrary(m);
  const entries = Object.entries<AnyFuncDef>(FUNCS).map(([name, def]) => [name, library.use(def)]);
  return Object.fromEntries(entries);
}
