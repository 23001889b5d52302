/**
 * Floating-point arithmetic in integers, exact in every rounding mode, with all exceptions: what SSE, AVX and x87 share.
 * Intel SDM Vol. 1, "Floating-Point Exceptions" and "Rules for Handling NaNs".
 *
 * Functions take operands as Format.types has them and the control word of area.ts, last. They OR the exceptions that
 * they find into AREA.flags and return the masked response, also of an unmasked exception; for f80 the responses to
 * unmasked overflow and underflow have their exponents wrapped, as x87 leaves them in registers.
 */
import { I32, I64, type ValType } from '../wasm/code.ts';
import {
  type AnyFuncDef,
  define,
  type Func,
  type Int,
  i32,
  i64,
  load,
  select,
  type Value,
  type Var,
} from '../wasm/func.ts';
import {
  AREA,
  CONTROL_DAZ,
  CONTROL_FTZ,
  CONTROL_PC_BIT,
  CONTROL_RC_BIT,
  DE,
  IE,
  OE,
  PE,
  ROUND_DOWN,
  ROUND_NEAREST,
  ROUND_UP,
  ROUND_ZERO,
  ROUNDED_UP,
  UE,
  ZE,
} from './area.ts';
import {
  type Fields,
  type Format,
  INTEGER_BIT,
  isDenormal,
  isNan,
  isSignaling,
  isSpecial,
  isUnsupported,
  pack,
  QUIET_BIT,
  unpack,
} from './format.ts';
import { divWide, mulWide, normalizeWide, rootWide, shiftRightJam } from './wide.ts';

type I32Value = Int<typeof I32>;
type I64Value = Int<typeof I64>;

/** Adds to the exceptions raised. */
export const raise = (f: Func, exceptions: number | I32Value): void =>
  f.store(I32, AREA.flags, load(I32, AREA.flags).or(exceptions));

export const roundingOf = (control: I32Value): I32Value => control.shrU(CONTROL_RC_BIT).and(3);
const isUnmasked = (control: I32Value, exception: number): I32Value => control.and(exception).eqz();

/** (sign, first digit that goes away at bit 63, the kept number's last bit, control) -> whether to round away from zero. */
export const roundsAway = define('roundsAway', [I32, I64, I32, I32], [I32], (f, sign, rest, odd, control) => {
  const mode = f.let(roundingOf(control));
  f.if(rest.eqz(), () => f.return(i32(0)));
  f.if(mode.eq(ROUND_NEAREST), () => f.return(rest.gtU(INTEGER_BIT).or(rest.eq(INTEGER_BIT).and(odd))));
  return mode.eq(ROUND_ZERO).eqz().and(mode.eq(ROUND_DOWN).eq(sign));
});

export const perFormat = (make: (format: Format) => AnyFuncDef): ((format: Format) => AnyFuncDef) => {
  const made = new Map<string, AnyFuncDef>();
  return (format) => {
    let def = made.get(format.name);
    if (def === undefined) made.set(format.name, (def = make(format)));
    return def;
  };
};

/**
 * (sign, exponent, high, low, control) -> the number (high:low) * 2^(exponent - 127), rounded. The exponent is that of
 * bit 127, which is set unless all is zero.
 */
export const round = perFormat((format) =>
  define(`round.${format.name}`, [I32, I32, I64, I64, I32], format.types, (f, sign, exponent, high, low, control) => {
    const { bias, maxExponent, fractionBits, name } = format;
    f.if(high.eqz(), () => f.return(...pack(format, sign, 0, 0n)));
    const biased = f.let(exponent.add(bias));
    /** Bits that go away of `high`: 0 if it is `low` that goes away. */
    const dropped = name === 'f80' ? f.let(droppedBits(f, control)) : i32(63 - fractionBits);
    const rest = () =>
      name === 'f80'
        ? select(dropped.eqz(), low, high.shl(dropped.neg()).or(low.isSet().extendU()))
        : high.shl(fractionBits + 1).or(low.isSet().extendU());
    const unit = f.let(i64(1).shl(dropped));
    const away = () => f.call(roundsAway, sign, rest(), high.and(unit).isSet(), control);
    const tiny = f.local(I32);
    f.unlikely(biased.leS(0), () => {
      // Tiny is what is below the smallest normal number after rounding to the precision, had exponents no limit.
      const carries = high.or(unit.sub(1)).eq(-1).and(away());
      tiny.set(biased.isSet().or(carries.eqz()));
      f.if(tiny.and(isUnmasked(control, UE)), () => {
        raise(f, UE);
        if (name === 'f80') {
          biased.set(biased.add(WRAP));
          // Too small even so: again FSCALE.
          f.if(biased.leS(0), () => {
            raise(f, PE);
            f.return(...pack(format, sign, 0, 0n));
          });
        } else {
          // Nobody sees the result.
          f.if(rest().isSet(), () => raise(f, PE));
          f.return(...pack(format, sign, 0, 0n));
        }
      });
      f.if(biased.leS(0), () => {
        if (name !== 'f80') {
          f.if(tiny.and(control.and(CONTROL_FTZ).isSet()).and(isUnmasked(control, UE).eqz()), () => {
            raise(f, UE | PE);
            f.return(...pack(format, sign, 0, 0n));
          });
        }
        const [h, l] = f.calls(shiftRightJam, high, low, i32(1).sub(biased));
        high.set(h);
        low.set(l);
        biased.set(0);
      });
    });
    const lost = f.let(rest());
    const up = f.let(away());
    high.set(high.and(unit.neg()));
    f.if(up, () => {
      high.set(high.add(unit.and(up.extendU().neg())));
      f.if(high.eqz(), () => {
        high.set(INTEGER_BIT);
        biased.set(biased.add(1));
      });
    });
    // A denormal number may have become normal.
    biased.set(biased.add(biased.eqz().and(high.ltS(0))));
    f.unlikely(biased.geS(maxExponent), () => {
      raise(f, OE);
      if (name === 'f80') {
        f.if(isUnmasked(control, OE), () => {
          // What is too large even so, which only FSCALE makes, becomes an infinity.
          f.if(biased.geS(maxExponent + WRAP), () => {
            raise(f, PE | ROUNDED_UP);
            f.return(...pack(format, sign, maxExponent, INTEGER_BIT));
          });
          raise(f, select(lost.isSet(), i32(PE).or(select(up, i32(ROUNDED_UP), 0)), 0));
          f.return(...pack(format, sign, biased.sub(WRAP), high));
        });
      }
      if (name !== 'f80') f.if(isUnmasked(control, OE).and(lost.eqz()), () => f.return(...pack(format, sign, 0, 0n)));
      raise(f, PE);
      const mode = f.let(roundingOf(control));
      const stays = f.let(mode.eq(ROUND_ZERO).or(mode.eq(ROUND_DOWN).and(sign.eqz())).or(mode.eq(ROUND_UP).and(sign)));
      f.if(stays, () => f.return(...pack(format, sign, maxExponent - 1, unit.neg())));
      raise(f, ROUNDED_UP);
      f.return(...pack(format, sign, maxExponent, INTEGER_BIT));
    });
    f.if(lost.isSet(), () => {
      raise(f, select(tiny.and(isUnmasked(control, UE).eqz()), i32(PE | UE), PE).or(select(up, i32(ROUNDED_UP), 0)));
    });
    return pack(format, sign, biased, high);
  }),
);
/** What unmasked overflow and underflow of f80 take from or add to the exponent. */
const WRAP = 24576;
/** Of 64 bits, by the precision control. */
const droppedBits = (f: Func, control: I32Value): I32Value => {
  const precision = f.let(control.shrU(CONTROL_PC_BIT).and(3));
  return select(precision.eqz(), i32(40), select(precision.eq(2), i32(11), 0));
};

export const returnRounded = (
  f: Func,
  format: Format,
  sign: I32Value,
  exponent: I32Value,
  high: I64Value,
  low: I64Value | number,
  control: I32Value,
): void => f.return(...(f.calls(round(format), sign, exponent, high, low, control) as Value<ValType>[]));

// ---- operands
const DEFAULT_NAN = INTEGER_BIT | QUIET_BIT;
export const returnDefaultNan = (f: Func, format: Format): void =>
  f.return(...pack(format, i32(1), format.maxExponent, DEFAULT_NAN));
/** Invalid operation. */
export const returnInvalid = (f: Func, format: Format): void => {
  raise(f, IE);
  returnDefaultNan(f, format);
};
export const returnNan = (f: Func, format: Format, x: Fields): void =>
  f.return(...pack(format, x.sign, format.maxExponent, x.significand.or(QUIET_BIT | INTEGER_BIT)));
export const returnInfinity = (f: Func, format: Format, sign: I32Value): void =>
  f.return(...pack(format, sign, format.maxExponent, INTEGER_BIT));

/**
 * What an operation with a NaN among its operands gives: of SSE the first NaN, of x87 the one with the larger
 * significand (of a quiet and a signaling one the quiet one). To be called when one is a NaN.
 */
function returnChosenNan(f: Func, format: Format, operands: readonly Fields[]): void {
  for (const x of operands) f.if(isNan(format, x).and(isSignaling(x)), () => raise(f, IE));
  if (format.name !== 'f80' || operands.length !== 2) {
    for (const x of operands) f.if(isNan(format, x), () => returnNan(f, format, x));
    return;
  }
  const [x, y] = operands;
  f.if(isNan(format, x).eqz(), () => returnNan(f, format, y));
  f.if(isNan(format, y).eqz(), () => returnNan(f, format, x));
  f.if(isSignaling(x).ne(isSignaling(y)), () => {
    f.if(isSignaling(x), () => returnNan(f, format, y));
    returnNan(f, format, x);
  });
  f.if(x.significand.gtU(y.significand), () => returnNan(f, format, x));
  f.if(x.significand.ltU(y.significand), () => returnNan(f, format, y));
  f.if(x.sign, () => returnNan(f, format, y));
  returnNan(f, format, x);
}
/** Unsupported operands and NaNs end the operation here. */
export function handleNans(f: Func, format: Format, operands: readonly Fields[]): void {
  const some = (test: (x: Fields) => I32Value) => operands.map(test).reduce((all, one) => all.or(one));
  if (format.name === 'f80')
    f.unlikely(
      some((x) => isUnsupported(format, x)),
      () => returnInvalid(f, format),
    );
  f.unlikely(
    some((x) => isNan(format, x)),
    () => returnChosenNan(f, format, operands),
  );
}
/** Denormals raise DE, or are zeros. To be called when the operation is not invalid. */
export function noteDenormals(f: Func, format: Format, control: I32Value, operands: readonly Fields[]): void {
  for (const x of operands) {
    f.unlikely(isDenormal(x), () => {
      if (format.name === 'f80') raise(f, DE);
      else {
        f.if(control.and(CONTROL_DAZ).eqz(), () => raise(f, DE));
        f.if(control.and(CONTROL_DAZ), () => x.significand.set(0));
      }
    });
  }
}
/** Whether it counts as zero. */
export const isZero = (format: Format, control: I32Value, x: Fields): I32Value => {
  const zero = x.significand.eqz();
  return format.name === 'f80' ? zero : zero.or(x.exponent.eqz().and(control.and(CONTROL_DAZ).isSet()));
};

/** A number with its integer bit on top of the significand, which is 0 for zeros, and an exponent without bias. */
interface Number {
  readonly sign: Var<typeof I32>;
  readonly exponent: Var<typeof I32>;
  readonly significand: Var<typeof I64>;
}
/** Of finite operands. */
export function normalize(f: Func, format: Format, x: Fields): Number {
  x.exponent.set(x.exponent.add(x.exponent.eqz()).sub(format.bias));
  f.if(x.significand.geS(0), () => {
    f.if(x.significand.isSet(), () => {
      const by = f.let(x.significand.clz().wrap());
      x.significand.set(x.significand.shl(by));
      x.exponent.set(x.exponent.sub(by));
    });
  });
  return x;
}

/** `body` of operands whose NaNs are dealt with. Parameters: the operands, then control. */
export const operation = (
  name: string,
  count: number,
  body: (f: Func, format: Format, operands: readonly Fields[], control: Var<typeof I32>) => void,
): ((format: Format) => AnyFuncDef) =>
  perFormat((format) => {
    const size = format.types.length;
    const params: readonly ValType[] = [...Array.from({ length: count }, () => format.types).flat(), I32];
    return define(`${name}.${format.name}`, params, format.types, (f, ...values) => {
      const all: readonly unknown[] = values;
      const operands = Array.from({ length: count }, (_, i) => unpack(f, format, all.slice(i * size)));
      handleNans(f, format, operands);
      body(f, format, operands, all[count * size] as Var<typeof I32>);
    });
  });

// ---- sums
/**
 * x + y of (sign, exponent, high, low), bit 127 set or all zero: the same of the sum, exact or with its lowest bit set.
 * An exact zero of different signs has the sign that the rounding mode gives it.
 */
export const addWide = define(
  'addWide',
  [I32, I32, I64, I64, I32, I32, I64, I64, I32],
  [I32, I32, I64, I64],
  (f, sx, ex, hx, lx, sy, ey, hy, ly, control) => {
    const down = roundingOf(control).eq(ROUND_DOWN);
    f.if(hy.eqz(), () => {
      f.if(hx.eqz().and(sx.ne(sy)), () => sx.set(down));
      f.return(sx, ex, hx, lx);
    });
    f.if(hx.eqz(), () => f.return(sy, ey, hy, ly));
    // The larger one to x.
    const isLess = hx.eq(hy).and(lx.ltU(ly)).or(hx.ltU(hy));
    f.if(ex.ltS(ey).or(ex.eq(ey).and(isLess)), () => {
      for (const [a, b] of [
        [sx, sy],
        [ex, ey],
      ] as const) {
        const kept = f.let(a);
        a.set(b);
        b.set(kept);
      }
      for (const [a, b] of [
        [hx, hy],
        [lx, ly],
      ] as const) {
        const kept = f.let(a);
        a.set(b);
        b.set(kept);
      }
    });
    const [h, l] = f.calls(shiftRightJam, hy, ly, ex.sub(ey));
    f.if(sx.eq(sy), () => {
      const low = f.let(lx.add(l));
      const carry = f.let(low.ltU(l));
      const high = f.let(hx.add(h).add(carry.extendU()));
      f.if(high.ltU(hx).or(carry.and(h.eq(-1))), () => {
        f.return(sx, ex.add(1), high.shrU(1).or(INTEGER_BIT), low.shrU(1).or(high.shl(63)).or(low.and(1)));
      });
      f.return(sx, ex, high, low);
    });
    const borrow = f.let(lx.ltU(l).extendU());
    const [high, low, by] = f.calls(normalizeWide, hx.sub(h).sub(borrow), lx.sub(l));
    f.if(high.eqz(), () => sx.set(down));
    return [sx, ex.sub(by), high, low];
  },
);

const sum = (name: string, negates: boolean) =>
  operation(name, 2, (f, format, [x, y], control) => {
    if (negates) y.sign.set(y.sign.xor(1));
    f.unlikely(isSpecial(format, x).or(isSpecial(format, y)), () => {
      f.if(isSpecial(format, x).and(isSpecial(format, y)).and(x.sign.ne(y.sign)), () => returnInvalid(f, format));
      noteDenormals(f, format, control, [x, y]);
      returnInfinity(f, format, select(isSpecial(format, x), x.sign, y.sign));
    });
    noteDenormals(f, format, control, [x, y]);
    const [p, q] = [normalize(f, format, x), normalize(f, format, y)];
    const [sign, exponent, high, low] = f.calls(
      addWide, p.sign, p.exponent, p.significand, 0, q.sign, q.exponent, q.significand, 0, control,
    ); // biome-ignore format: two operands
    returnRounded(f, format, sign, exponent, high, low, control);
  });
export const add = sum('add', false);
export const subtract = sum('sub', true);

// ---- products, quotients, roots
export const multiply = operation('mul', 2, (f, format, [x, y], control) => {
  const sign = f.let(x.sign.xor(y.sign));
  f.unlikely(isSpecial(format, x).or(isSpecial(format, y)), () => {
    f.if(isZero(format, control, x).or(isZero(format, control, y)), () => returnInvalid(f, format));
    noteDenormals(f, format, control, [x, y]);
    returnInfinity(f, format, sign);
  });
  noteDenormals(f, format, control, [x, y]);
  const [p, q] = [normalize(f, format, x), normalize(f, format, y)];
  const [exponent, high, low] = f.calls(
    mulNormal, p.exponent, p.significand, q.exponent, q.significand,
  ); // biome-ignore format: two operands
  returnRounded(f, format, sign, exponent, high, low, control);
});
/** Product of (exponent, significand), normalized. */
const mulNormal = define('mulNormal', [I32, I64, I32, I64], [I32, I64, I64], (f, ex, mx, ey, my) => {
  const [high, low] = f.calls(mulWide, mx, my);
  const exponent = f.let(ex.add(ey).add(1));
  f.if(high.geS(0), () => f.return(exponent.sub(1), high.shl(1).or(low.shrU(63)), low.shl(1)));
  return [exponent, high, low];
});

export const divide = operation('div', 2, (f, format, [x, y], control) => {
  const sign = f.let(x.sign.xor(y.sign));
  f.unlikely(isSpecial(format, x), () => {
    f.if(isSpecial(format, y), () => returnInvalid(f, format));
    noteDenormals(f, format, control, [y]);
    returnInfinity(f, format, sign);
  });
  f.unlikely(isSpecial(format, y), () => {
    noteDenormals(f, format, control, [x]);
    f.return(...pack(format, sign, 0, 0n));
  });
  f.unlikely(isZero(format, control, y), () => {
    f.if(isZero(format, control, x), () => returnInvalid(f, format));
    raise(f, ZE);
    returnInfinity(f, format, sign);
  });
  noteDenormals(f, format, control, [x, y]);
  const [p, q] = [normalize(f, format, x), normalize(f, format, y)];
  f.if(p.significand.eqz(), () => f.return(...pack(format, sign, 0, 0n)));
  const exponent = f.let(p.exponent.sub(q.exponent));
  const low = f.local(I64);
  f.if(
    p.significand.ltU(q.significand),
    () => exponent.set(exponent.sub(1)),
    () => {
      low.set(p.significand.shl(63));
      p.significand.set(p.significand.shrU(1));
    },
  );
  const [quotient, rest] = f.calls(divWide, p.significand, low, q.significand);
  // Compares the rest with half of the divisor.
  const twice = f.let(q.significand.sub(rest));
  low.set(
    select(rest.gtU(twice), i64(INTEGER_BIT | 1n), select(rest.eq(twice), i64(INTEGER_BIT), rest.isSet().extendU())),
  );
  returnRounded(f, format, sign, exponent, quotient, low, control);
});

export const squareRoot = operation('sqrt', 1, (f, format, [x], control) => {
  f.if(isZero(format, control, x), () => {
    noteDenormals(f, format, control, [x]);
    f.return(...pack(format, x.sign, 0, 0n));
  });
  f.if(x.sign, () => returnInvalid(f, format));
  f.if(isSpecial(format, x), () => returnInfinity(f, format, x.sign));
  noteDenormals(f, format, control, [x]);
  const { exponent, significand } = normalize(f, format, x);
  const low = f.local(I64);
  f.if(exponent.and(1).eqz(), () => {
    low.set(significand.shl(63));
    significand.set(significand.shrU(1));
  });
  const [root, restHigh, rest] = f.calls(rootWide, significand, low);
  const isAboveHalf = restHigh.or(rest.gtU(root));
  low.set(select(isAboveHalf, i64(INTEGER_BIT | 1n), rest.isSet().extendU()));
  returnRounded(f, format, x.sign, exponent.shrS(1), root, low, control);
});

/** x * y + z with one rounding. */
export const multiplyAdd = operation('fma', 3, (f, format, [x, y, z], control) => {
  const sign = f.let(x.sign.xor(y.sign));
  f.unlikely(isSpecial(format, x).or(isSpecial(format, y)).or(isSpecial(format, z)), () => {
    f.if(isSpecial(format, x).or(isSpecial(format, y)), () => {
      f.if(isZero(format, control, x).or(isZero(format, control, y)), () => returnInvalid(f, format));
      f.if(isSpecial(format, z).and(z.sign.ne(sign)), () => returnInvalid(f, format));
      noteDenormals(f, format, control, [x, y, z]);
      returnInfinity(f, format, sign);
    });
    noteDenormals(f, format, control, [x, y]);
    returnInfinity(f, format, z.sign);
  });
  noteDenormals(f, format, control, [x, y, z]);
  const [p, q, r] = [x, y, z].map((one) => normalize(f, format, one));
  const [exponent, high, low] = f.calls(
    mulNormal, p.exponent, p.significand, q.exponent, q.significand,
  ); // biome-ignore format: two operands
  const [s, e, h, l] = f.calls(
    addWide, sign, exponent, high, low, r.sign, r.exponent, r.significand, 0, control,
  ); // biome-ignore format: two operands
  returnRounded(f, format, s, e, h, l, control);
});
