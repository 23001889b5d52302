/**
 * Arithmetic on the x87 stack: the core's operations (float/core.ts) between registers, or a register and a memory
 * operand. The last parameters are those that end up in the pointers: instruction's address, opcode, operand's address.
 */
import { DE, IE, ZE } from '../float/area.ts';
import { roundToInteger, scale } from '../float/convert.ts';
import { add, divide, multiply, squareRoot, subtract } from '../float/core.ts';
import { F80_FORMAT } from '../float/format.ts';
import { remainder } from '../float/remainder.ts';
import { I32, I64 } from '../wasm/code.ts';
import { type AnyFuncDef, define, type Func, i32, select } from '../wasm/func.ts';
import {
  BEFORE_RESULT, C0, C1, C2, C3, clearFlags, controlWord, DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT, dataPointer, type I32Value, type I64Value,
  isEmpty, markFull, pop, raised, register, SF, setFip, setRegister, setStatus, setTop, settle, signExponentOf, significandOf, underflow,
} from './stack.ts'; // biome-ignore format: a long list
import { fromInteger, WIDEN } from './widen.ts';

type Operand = readonly [significand: I64Value, signExponent: I32Value];

const isNan = ([significand, signExponent]: Operand): I32Value =>
  signExponent.and(0x7fff).eq(0x7fff).and(significand.shl(1).isSet());
/** A memory operand that was denormal adds DE, unless something comes before it. */
function noteDenormal(f: Func, flags: I32Value & { set(x: I32Value): void }, denormal: I32Value, other: Operand): void {
  f.unlikely(denormal.and(flags.and(IE | ZE).eqz()).and(isNan(other).eqz()), () => flags.set(flags.or(DE)));
}

/** (significand, sign and exponent, whether it was denormal, opcode, data address): ST(0) := ST(0) op value, or value op ST(0). */
const withValue = (name: string, core: AnyFuncDef, isReversed: boolean) =>
  define(`x87.${name}`, [I64, I32, I32, I32, I64], [], (f, significand, signExponent, denormal, fop, fdp) => {
    const r = register(f, 0);
    f.unlikely(isEmpty(r), () => {
      f.calls(underflow, r, fop, fdp);
      f.return();
    });
    const st: Operand = [f.let(significandOf(r)), f.let(signExponentOf(r))];
    const operands = isReversed ? [significand, signExponent, ...st] : [...st, significand, signExponent];
    clearFlags(f);
    const [s, e] = f.calls(core, ...operands, controlWord()) as unknown as Operand;
    const flags = raised(f);
    noteDenormal(f, flags as never, denormal, st);
    f.if(f.call(settle, flags, fop, fdp).and(BEFORE_RESULT).eqz(), () => setRegister(f, r, s, e));
  });

/** (i, j, whether it pops, fip, fop): ST(i) := ST(i) op ST(j), or ST(j) op ST(i). */
const withStack = (name: string, core: AnyFuncDef, isReversed: boolean) =>
  define(name, [I32, I32, I32, I64, I32], [], (f, i, j, pops, fip, fop) => {
    setFip(f, fip);
    const [x, y] = [register(f, i), register(f, j)];
    f.unlikely(isEmpty(x).or(isEmpty(y)), () => {
      f.if(f.call(underflow, x, fop, dataPointer()).and(pops), () => pop(f));
      f.return();
    });
    const [a, b] = isReversed ? [y, x] : [x, y];
    clearFlags(f);
    const [s, e] = f.calls(
      core, significandOf(a), signExponentOf(a), significandOf(b), signExponentOf(b), controlWord(),
    ) as unknown as Operand; // biome-ignore format: two operands
    f.if(f.call(settle, raised(f), fop, dataPointer()).and(BEFORE_RESULT).isSet(), () => f.return());
    setRegister(f, x, s, e);
    f.if(pops, () => pop(f));
  });

const OPERATIONS = {
  Add: [add(F80_FORMAT), false],
  Mul: [multiply(F80_FORMAT), false],
  Sub: [subtract(F80_FORMAT), false],
  Subr: [subtract(F80_FORMAT), true],
  Div: [divide(F80_FORMAT), false],
  Divr: [divide(F80_FORMAT), true],
} as const;
export type Arithmetic = keyof typeof OPERATIONS;
type Source = 'F32' | 'F64' | 'Int' | 'Stack';

function arithmetic(): Record<`x87${Arithmetic}${Exclude<Source, 'Stack'>}`, ReturnType<typeof loading>> &
  Record<`x87${Arithmetic}Stack`, ReturnType<typeof withStack>> {
  const funcs: Record<string, AnyFuncDef> = {};
  for (const [name, [core, isReversed]] of Object.entries(OPERATIONS)) {
    const value = withValue(name, core, isReversed);
    for (const source of ['F32', 'F64', 'Int'] as const)
      funcs[`x87${name}${source}`] = loading(`x87${name}${source}`, source, value);
    funcs[`x87${name}Stack`] = withStack(`x87${name}Stack`, core, isReversed);
  }
  return funcs as ReturnType<typeof arithmetic>;
}
/** (bits, fip, fop, fdp): `then` of the memory operand. */
function loading(name: string, source: 'F32' | 'F64' | 'Int', then: AnyFuncDef) {
  return define(name, [I64, I64, I32, I64], [], (f, bits, fip, fop, fdp) => {
    setFip(f, fip);
    if (source === 'Int') {
      const [significand, signExponent] = f.calls(fromInteger, bits);
      f.calls(then, significand, signExponent, 0, fop, fdp);
    } else {
      const [significand, signExponent, denormal] = f.calls(WIDEN[source === 'F32' ? 'f32' : 'f64'], bits);
      f.calls(then, significand, signExponent, denormal, fop, fdp);
    }
  });
}

/** (fip, fop): ST(0) := core(ST(0)). */
const unary = (name: string, core: AnyFuncDef, ...more: readonly number[]) =>
  define(name, [I64, I32], [], (f, fip, fop) => {
    setFip(f, fip);
    const r = register(f, 0);
    f.unlikely(isEmpty(r), () => {
      f.calls(underflow, r, fop, dataPointer());
      f.return();
    });
    clearFlags(f);
    const [s, e] = f.calls(
      core, significandOf(r), signExponentOf(r), ...more, controlWord(),
    ) as unknown as Operand; // biome-ignore format: one operand
    f.if(f.call(settle, raised(f), fop, dataPointer()).and(BEFORE_RESULT).eqz(), () => setRegister(f, r, s, e));
  });

/** (mask, bits, fip, fop): the sign of ST(0) := (sign and mask) xor bits. */
const changeSign = define('x87Sign', [I32, I32, I64, I32], [], (f, mask, bits, fip, fop) => {
  setFip(f, fip);
  const r = register(f, 0);
  f.unlikely(isEmpty(r), () => {
    f.calls(underflow, r, fop, dataPointer());
    f.return();
  });
  setStatus(f, C1, 0);
  setRegister(f, r, f.let(significandOf(r)), f.let(signExponentOf(r)).and(mask).xor(bits));
});

/** (fip, fop): ST(0) := ST(0) * 2^trunc(ST(1)). */
const scaleTop = define('x87Scale', [I64, I32], [], (f, fip, fop) => {
  setFip(f, fip);
  const [x, y] = [register(f, 0), register(f, 1)];
  f.unlikely(isEmpty(x).or(isEmpty(y)), () => {
    f.calls(underflow, x, fop, dataPointer());
    f.return();
  });
  clearFlags(f);
  const [s, e] = f.calls(
    scale(F80_FORMAT), significandOf(x), signExponentOf(x), significandOf(y), signExponentOf(y), controlWord(),
  ) as unknown as Operand; // biome-ignore format: two operands
  f.if(f.call(settle, raised(f), fop, dataPointer()).and(BEFORE_RESULT).eqz(), () => setRegister(f, x, s, e));
});

/** (whether the quotient is rounded to nearest, fip, fop): FPREM1, FPREM. C2: not complete; C0, C3, C1: bits 2, 1, 0 of the quotient. */
const remainderOfTop = define('x87Remainder', [I32, I64, I32], [], (f, nearest, fip, fop) => {
  setFip(f, fip);
  const [x, y] = [register(f, 0), register(f, 1)];
  f.unlikely(isEmpty(x).or(isEmpty(y)), () => {
    setStatus(f, C2, 0);
    f.calls(underflow, x, fop, dataPointer());
    f.return();
  });
  clearFlags(f);
  const [s, e, quotient, incomplete] = f.calls(
    remainder, significandOf(x), signExponentOf(x), significandOf(y), signExponentOf(y), nearest, controlWord(),
  ); // biome-ignore format: two operands
  const unmasked = f.let(f.call(settle, raised(f).and(~C1), fop, dataPointer()).and(BEFORE_RESULT));
  // Without a quotient C0 and C3 stay.
  f.unlikely(unmasked.isSet().or(isNan([s, e])), () => {
    setStatus(f, C2, 0);
    f.if(unmasked.eqz(), () => setRegister(f, x, s, e));
    f.return();
  });
  const bit = (n: number, to: number) => select(quotient.and(1 << n).isSet(), i32(to), 0);
  setStatus(
    f,
    C0 | C1 | C2 | C3,
    bit(2, C0)
      .or(bit(1, C3))
      .or(bit(0, C1))
      .or(select(incomplete, i32(C2), 0)),
  );
  setRegister(f, x, s, e);
});

/** (fip, fop): FXTRACT. ST(0) := exponent of ST(0), then its significand is pushed. */
const extract = define('x87Extract', [I64, I32], [], (f, fip, fop) => {
  setFip(f, fip);
  const [r, above] = [register(f, 0), register(f, -1)];
  const flags = f.local(I32);
  const [significand, signExponent] = [f.let(significandOf(r)), f.let(signExponentOf(r))];
  const exponent = f.let(signExponent.and(0x7fff));
  const both = (s: I64Value | bigint, e: I32Value | number, s2: I64Value | bigint, e2: I32Value | number) => {
    f.if(f.call(settle, flags, fop, dataPointer()).and(BEFORE_RESULT).isSet(), () => f.return());
    setRegister(f, r, s, e);
    markFull(f, r);
    setRegister(f, above, s2, e2);
    markFull(f, above);
    setTop(f, above);
    f.return();
  };
  const invalid = () => both(DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT, DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT);
  f.unlikely(isEmpty(r).or(isEmpty(above).eqz()), () => {
    flags.set(select(isEmpty(r), i32(IE | SF), IE | SF | C1));
    invalid();
  });
  f.unlikely(exponent.isSet().and(significand.geS(0)), () => {
    flags.set(IE);
    invalid();
  });
  f.unlikely(exponent.eq(0x7fff), () => {
    f.if(significand.shl(1).eqz(), () => both(significand, 0x7fff, significand, signExponent));
    flags.set(select(significand.and(1n << 62n).eqz(), i32(IE), 0));
    const quiet = f.let(significand.or(1n << 62n));
    both(quiet, signExponent, quiet, signExponent);
  });
  f.unlikely(significand.eqz(), () => {
    flags.set(ZE);
    both(1n << 63n, 0xffff, 0n, signExponent);
  });
  f.unlikely(exponent.eqz(), () => {
    flags.set(DE);
    const by = f.let(significand.clz().wrap());
    significand.set(significand.shl(by));
    exponent.set(i32(1).sub(by));
  });
  const [s, e] = f.calls(fromInteger, exponent.sub(0x3fff).extendS());
  both(s, e, significand, signExponent.and(0x8000).or(0x3fff));
});

/** (fip): FXAM. */
const examine = define('x87Examine', [I64], [], (f, fip) => {
  setFip(f, fip);
  const r = register(f, 0);
  const [significand, signExponent] = [f.let(significandOf(r)), f.let(signExponentOf(r))];
  const exponent = f.let(signExponent.and(0x7fff));
  const kind = f.let(i32(C2));
  f.if(exponent.isSet().and(significand.geS(0)), () => kind.set(0));
  f.if(exponent.eqz(), () => kind.set(select(significand.eqz(), i32(C3), C3 | C2)));
  f.if(exponent.eq(0x7fff).and(significand.ltS(0)), () => kind.set(select(significand.shl(1).eqz(), i32(C2 | C0), C0)));
  f.if(isEmpty(r), () => kind.set(C3 | C0));
  setStatus(f, C0 | C1 | C2 | C3, kind.or(signExponent.shrU(6).and(C1)));
});

export const X87_ARITHMETIC = {
  ...arithmetic(),
  x87Sqrt: unary('x87Sqrt', squareRoot(F80_FORMAT)),
  x87Round: unary('x87Round', roundToInteger(F80_FORMAT), 0),
  x87Sign: changeSign,
  x87Scale: scaleTop,
  x87Remainder: remainderOfTop,
  x87Extract: extract,
  x87Examine: examine,
};
