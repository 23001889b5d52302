/** What FPREM and FPREM1 compute. Intel SDM Vol. 2A, "FPREM", "FPREM1". */
import { I32, I64 } from '../wasm/code.ts';
import { define, type Func, type Int, i32, i64, select, type Var } from '../wasm/func.ts';
import { asItIs } from './convert.ts';
import { normalize, noteDenormals, operation, returnInvalid, round } from './core.ts';
import { F80_FORMAT, type Fields, isSpecial, unpack } from './format.ts';

/** Of an f80 result's sign and exponent: that there is none yet. */
const NONE = -1;
/** (x, y, control) -> the result where it does not take a division, or NONE. */
const remainderOfSpecial = operation('remainderOfSpecial', 2, (f, format, [x, y], control) => {
  f.if(isSpecial(format, x).or(y.significand.eqz()), () => returnInvalid(f, format));
  noteDenormals(f, format, control, [x, y]);
  f.if(isSpecial(format, y).or(x.significand.eqz()), () => f.return(...asItIs(format, x)));
  f.return(i64(0), i32(NONE));
});

/**
 * (x, y, nearest, control) -> (x - y * quotient, low bits of the quotient, incomplete). The quotient is truncated, or
 * rounded to nearest. An exponent difference of 64 or more is only made smaller: then `incomplete` is 1.
 */
export const remainder = define(
  'remainder.f80',
  [I64, I32, I64, I32, I32, I32],
  [I64, I32, I32, I32],
  (f, xSignificand, xSignExponent, ySignificand, ySignExponent, nearest, control) => {
    const format = F80_FORMAT;
    const special = f.calls(
      remainderOfSpecial(format), xSignificand, xSignExponent, ySignificand, ySignExponent, control,
    ) as readonly unknown[]; // biome-ignore format: two operands
    const specialSignExponent = special[1] as Int<typeof I32>;
    f.if(specialSignExponent.ne(NONE), () =>
      f.return(special[0] as Int<typeof I64>, specialSignExponent, i32(0), i32(0)),
    );
    const x = unpack(f, format, [xSignificand, xSignExponent] as readonly unknown[]);
    const y = unpack(f, format, [ySignificand, ySignExponent] as readonly unknown[]);
    normalize(f, format, x);
    normalize(f, format, y);
    const quotient = f.local(I64);
    const rest = x.significand;
    const ahead = f.let(x.exponent.sub(y.exponent));
    const isPartial = f.let(ahead.geS(64));
    const steps = f.let(select(isPartial, ahead.and(31).or(32), ahead));
    f.if(ahead.geS(0), () => {
      x.exponent.set(x.exponent.sub(steps));
      const carry = f.local(I32);
      f.loop((leave) => {
        quotient.set(quotient.shl(1));
        f.if(carry.or(rest.geU(y.significand)), () => {
          rest.set(rest.sub(y.significand));
          quotient.set(quotient.or(1));
        });
        f.if(steps.eqz(), leave);
        carry.set(rest.shrU(63).wrap());
        rest.set(rest.shl(1));
        steps.set(steps.sub(1));
      });
    });
    f.if(nearest.and(isPartial.eqz()).and(ahead.geS(-1)), () => {
      // Whether the rest is beyond half of y; with x one exponent below y, its significand counts half.
      const isBehind = f.let(ahead.ltS(0));
      const other = f.let(y.significand.sub(rest));
      const isBeyond = rest.gtU(other).or(rest.eq(other).and(quotient.wrap().and(1)));
      f.if(select(isBehind, rest.gtU(y.significand), isBeyond), () => {
        quotient.set(quotient.add(1));
        x.sign.set(x.sign.xor(1));
        rest.set(select(isBehind, other.add(y.significand), other));
      });
    });
    returnExact(f, x, control, select(isPartial, i32(0), quotient.wrap()), isPartial);
  },
);

/** Of a number whose significand has lost its integer bit. */
function returnExact(
  f: Func,
  x: Fields,
  control: Int<typeof I32>,
  quotient: Int<typeof I32>,
  incomplete: Int<typeof I32>,
): void {
  const by = f.let(x.significand.clz().wrap());
  const [significand, signExponent] = f.calls(
    round(F80_FORMAT), x.sign, x.exponent.sub(by), x.significand.shl(by), 0, control.or(0x300),
  ) as readonly Var<typeof I64>[]; // biome-ignore format: one call
  f.return(significand, signExponent, quotient, incomplete);
}
