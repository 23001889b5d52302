/**
 * Comparisons, conversions between formats and to and from integers, and rounding to an integer, as core.ts has
 * arithmetic: flags to AREA.flags, control last unless said otherwise.
 */
import { I32, I64, type ValType } from '../wasm/code.ts';
import { type AnyFuncDef, define, type Func, type Int, i32, i64, select, type Var } from '../wasm/func.ts';
import { DE, EQUAL, GREATER, IE, LESS, PE, ROUNDED_UP, UNORDERED } from './area.ts';
import {
  handleNans,
  isZero,
  normalize,
  noteDenormals,
  operation,
  perFormat,
  raise,
  returnInfinity,
  returnInvalid,
  returnNan,
  returnRounded,
  roundsAway,
} from './core.ts';
import {
  type Fields,
  type Format,
  isDenormal,
  isNan,
  isSignaling,
  isSpecial,
  isUnsupported,
  pack,
  unpack,
} from './format.ts';

/** (x, y, quiet, control) -> how x relates to y. A quiet NaN is invalid unless `quiet` is 1. */
export const compare = perFormat((format) =>
  define(`compare.${format.name}`, [...format.types, ...format.types, I32, I32] as ValType[], [I32], (f, ...values) => {
    const all: readonly unknown[] = values;
    const size = format.types.length;
    const [x, y] = [unpack(f, format, all), unpack(f, format, all.slice(size))];
    const [quiet, control] = all.slice(2 * size) as Var<typeof I32>[];
    if (format.name === 'f80') {
      f.if(isUnsupported(format, x).or(isUnsupported(format, y)), () => {
        raise(f, IE);
        f.return(i32(UNORDERED));
      });
    }
    f.unlikely(isNan(format, x).or(isNan(format, y)), () => {
      const signals = (one: Fields) => isNan(format, one).and(isSignaling(one));
      f.if(quiet.eqz().or(signals(x)).or(signals(y)), () => raise(f, IE));
      f.return(i32(UNORDERED));
    });
    noteDenormals(f, format, control, [x, y]);
    f.if(x.significand.or(y.significand).eqz(), () => f.return(i32(EQUAL)));
    f.if(x.sign.ne(y.sign), () => f.return(select(x.sign, i32(LESS), GREATER)));
    // Zeros have exponent 0, and a denormal number that counts as zero has lost its significand. A pseudo-denormal f80 is as large as exponent 1 says.
    const scale = (one: Fields) => (format.name === 'f80' ? f.let(one.exponent.add(one.exponent.eqz())) : one.exponent);
    const [p, q] = [scale(x), scale(y)];
    const same = p.eq(q);
    const isLess = f.let(select(same, x.significand.ltU(y.significand), p.ltU(q)));
    f.if(same.and(x.significand.eq(y.significand)), () => f.return(i32(EQUAL)));
    return select(isLess.xor(x.sign), i32(LESS), GREATER);
  }),
);

/** (x, control, width) -> the integer of 16, 32 or 64 bits, sign-extended; the lowest one if it does not fit, which is invalid. */
export const toInteger = perFormat((format) =>
  define(`toInteger.${format.name}`, [...format.types, I32, I32] as ValType[], [I64], (f, ...values) => {
    const all: readonly unknown[] = values;
    const x = unpack(f, format, all);
    const [control, width] = all.slice(format.types.length) as Var<typeof I32>[];
    const limit = f.let(i64(1).shl(width.sub(1)));
    const invalid = () => {
      raise(f, IE);
      f.return(limit.neg());
    };
    if (format.name === 'f80') f.if(isUnsupported(format, x), invalid);
    f.if(isZero(format, control, x), () => f.return(i64(0)));
    const { whole, rest, away } = splitInteger(f, format, x, control);
    f.if(x.exponent.geS(64), invalid);
    whole.set(whole.add(away.extendU()));
    f.if(whole.gtU(limit.sub(x.sign.eqz().extendU())), invalid);
    f.if(rest.isSet(), () => raise(f, select(away, i32(PE | ROUNDED_UP), PE)));
    return select(x.sign, whole.neg(), whole);
  }),
);

/** Integer part of a number below 2^64, what is behind it (its first bit at bit 63), and whether that rounds up. The exponent loses its bias. */
function splitInteger(
  f: Func,
  format: Format,
  x: Fields,
  control: Int<typeof I32>,
): { whole: Var<typeof I64>; rest: Var<typeof I64>; away: Var<typeof I32> } {
  const { exponent, significand } = x;
  exponent.set(exponent.sub(format.bias));
  const whole = f.local(I64);
  const rest = f.local(I64);
  f.if(
    exponent.geS(0),
    () => {
      whole.set(significand.shrU(i32(63).sub(exponent)));
      rest.set(select(exponent.geS(63), i64(0), significand.shl(exponent.add(1))));
    },
    () => rest.set(select(exponent.eq(-1), significand, i64(1))),
  );
  return { whole, rest, away: f.let(f.call(roundsAway, x.sign, rest, whole.wrap().and(1), control)) };
}

/** (i64, control) -> the number. */
export const fromInteger = perFormat((format) =>
  define(`fromInteger.${format.name}`, [I64, I32], format.types, (f, x, control) => {
    const sign = f.let(x.ltS(0));
    f.if(sign, () => x.set(x.neg()));
    const by = f.let(x.clz().wrap());
    returnRounded(f, format, sign, i32(63).sub(by), x.shl(by), 0, control);
  }),
);

/** (x, exact, control) -> x rounded to an integer. `exact` 1: a rounded result does not raise PE. DE is x87's alone. */
export const roundToInteger = perFormat((format) =>
  define(`roundToInteger.${format.name}`, [...format.types, I32, I32] as ValType[], format.types, (f, ...values) => {
    const all: readonly unknown[] = values;
    const x = unpack(f, format, all);
    const [exact, control] = all.slice(format.types.length) as Var<typeof I32>[];
    handleNans(f, format, [x]);
    f.if(isZero(format, control, x), () => f.return(...pack(format, x.sign, 0, 0n)));
    f.if(x.exponent.geS(format.bias + format.fractionBits), () =>
      f.return(...pack(format, x.sign, x.exponent, x.significand)),
    );
    if (format.name === 'f80') f.if(isDenormal(x), () => raise(f, DE));
    const { whole, rest, away } = splitInteger(f, format, x, control);
    f.if(rest.isSet().and(exact.eqz()), () => raise(f, select(away, i32(PE | ROUNDED_UP), PE)));
    whole.set(whole.add(away.extendU()));
    f.if(whole.eqz(), () => f.return(...pack(format, x.sign, 0, 0n)));
    const by = f.let(whole.clz().wrap());
    return pack(format, x.sign, i32(63 + format.bias).sub(by), whole.shl(by));
  }),
);

const conversions = new Map<string, AnyFuncDef>();
/** (x, control) -> x in another format. Storing an f80, and reading an f16, raises no DE. */
export function convert(from: Format, to: Format): AnyFuncDef {
  const name = `convert.${from.name}.${to.name}`;
  const known = conversions.get(name);
  if (known) return known;
  const def = define(name, [...from.types, I32] as ValType[], to.types, (f, ...values) => {
    const all: readonly unknown[] = values;
    const x = unpack(f, from, all);
    const control = all[from.types.length] as Var<typeof I32>;
    if (from.name === 'f80') f.if(isUnsupported(from, x), () => returnInvalid(f, to));
    f.unlikely(isSpecial(from, x), () => {
      f.if(isNan(from, x), () => {
        f.if(isSignaling(x), () => raise(f, IE));
        returnNan(f, to, x);
      });
      returnInfinity(f, to, x.sign);
    });
    if (from.name === 'f32' || from.name === 'f64') noteDenormals(f, from, control, [x]);
    const { sign, exponent, significand } = normalize(f, from, x);
    const rounding = to.name === 'f80' ? control.or(0x300) : control;
    returnRounded(f, to, sign, exponent, significand, 0, rounding);
  });
  conversions.set(name, def);
  return def;
}

/** A number unchanged, but for a pseudo-denormal, which becomes normal. */
export const asItIs = (format: Format, x: Fields) =>
  pack(format, x.sign, x.exponent.add(x.exponent.eqz().and(x.significand.ltS(0))), x.significand);

/** f80 alone: x * 2^trunc(y). Intel SDM Vol. 2A, "FSCALE". */
export const scale = operation('scale', 2, (f, format, [x, y], control) => {
  f.if(isSpecial(format, y), () => {
    f.if(y.sign, () => {
      f.if(isSpecial(format, x), () => returnInvalid(f, format));
      noteDenormals(f, format, control, [x]);
      f.return(...pack(format, x.sign, 0, 0n));
    });
    f.if(x.significand.eqz(), () => returnInvalid(f, format));
    noteDenormals(f, format, control, [x]);
    returnInfinity(f, format, x.sign);
  });
  f.if(isSpecial(format, x), () => {
    noteDenormals(f, format, control, [y]);
    returnInfinity(f, format, x.sign);
  });
  noteDenormals(f, format, control, [x, y]);
  f.if(x.significand.eqz().or(y.significand.eqz()), () => f.return(...asItIs(format, x)));
  const by = f.local(I32);
  y.exponent.set(y.exponent.sub(format.bias));
  f.if(y.exponent.geS(0).and(y.significand.isSet()), () => {
    // More than any exponent is as good as anything.
    by.set(select(y.exponent.gtS(16), i32(0x1_0000), y.significand.shrU(i32(63).sub(y.exponent)).wrap()));
    f.if(y.sign, () => by.set(by.neg()));
  });
  const { sign, exponent, significand } = normalize(f, format, x);
  returnRounded(f, format, sign, exponent.add(by), significand, 0, control.or(0x300));
});
