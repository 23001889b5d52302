/**
 * Loads, stores, comparisons and moves on the x87 stack. The last parameters are those that end up in the pointers:
 * instruction's address, opcode, operand's address; without the last one FDP stays.
 */
import { CONTROL_RC_BIT, DE, EQUAL, GREATER, IE, LESS, PE, ROUND_ZERO, UNORDERED } from '../float/area.ts';
import { compare, convert, toInteger } from '../float/convert.ts';
import { F32_FORMAT, F64_FORMAT, F80_FORMAT, type Format, QUIET_BIT } from '../float/format.ts';
import { I32, I64 } from '../wasm/code.ts';
import { define, type Func, i32, i64, load, select } from '../wasm/func.ts';
import {
  BEFORE_RESULT, BEFORE_STORE, C0, C1, C2, C3, clearFlags, clearPointers, controlWord, DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT, dataPointer, type I32Value,
  type I64Value, isEmpty, markEmpty, markFull, pop, push, raised, register, SF, STAGED_FLAGS, STAGED_SIGN_EXPONENT, STAGED_SIGNIFICAND, setControlWord, setFip,
  setRegister, setStatus, setTags, setTop, settle, settlePending, signExponentOf, significandOf, statusWord, underflow,
} from './stack.ts'; // biome-ignore format: a long list
import { fromInteger, WIDEN } from './widen.ts';

const isNan = (significand: I64Value, signExponent: I32Value): I32Value =>
  signExponent.and(0x7fff).eq(0x7fff).and(significand.shl(1).isSet());

// ---- loads
const loadFloat = (name: string, widen: (typeof WIDEN)[keyof typeof WIDEN]) =>
  define(name, [I64, I64, I32, I64], [], (f, bits, fip, fop, fdp) => {
    setFip(f, fip);
    const [significand, signExponent, denormal] = f.calls(widen, bits);
    const flags = f.let(select(denormal, i32(DE), 0));
    f.unlikely(isNan(significand, signExponent).and(significand.and(QUIET_BIT).eqz()), () => {
      flags.set(IE);
      significand.set(significand.or(QUIET_BIT));
    });
    f.calls(push, significand, signExponent, flags, fop, fdp);
  });
const loadInteger = define('x87LoadInt', [I64, I64, I32, I64], [], (f, value, fip, fop, fdp) => {
  setFip(f, fip);
  const [significand, signExponent] = f.calls(fromInteger, value);
  f.calls(push, significand, signExponent, 0, fop, fdp);
});
/** (significand, sign and exponent, fip, fop, fdp). */
const loadExtended = define('x87LoadExtended', [I64, I32, I64, I32, I64], [], (f, s, e, fip, fop, fdp) => {
  setFip(f, fip);
  f.calls(push, s, e, 0, fop, fdp);
});
/** (i, fip, fop): FLD ST(i). */
const loadStack = define('x87LoadStack', [I32, I64, I32], [], (f, i, fip, fop) => {
  setFip(f, fip);
  const [r, above] = [register(f, i), register(f, -1)];
  f.unlikely(isEmpty(r), () => {
    f.if(f.call(underflow, above, fop, dataPointer()), () => setTop(f, above));
    f.return();
  });
  f.calls(push, significandOf(r), signExponentOf(r), 0, fop, dataPointer());
});
/** (significand if rounded to nearest, down or to zero, up, sign and exponent, fip, fop). */
const loadConstant = define('x87LoadConstant', [I64, I64, I64, I32, I64, I32], [], (f, near, down, up, e, fip, fop) => {
  setFip(f, fip);
  const mode = f.let(controlWord().shrU(CONTROL_RC_BIT).and(3));
  const value = select(mode.eqz(), near, select(mode.eq(2), up, down));
  f.calls(push, value, e, 0, fop, dataPointer());
});
/** (low 64 bits, high 16 bits, fip, fop, fdp): FBLD. */
const loadDecimal = define('x87LoadDecimal', [I64, I32, I64, I32, I64], [], (f, low, high, fip, fop, fdp) => {
  setFip(f, fip);
  const value = f.local(I64);
  const digits = f.let(i64(18));
  f.loop((leave) => {
    f.if(digits.eqz(), leave);
    digits.set(digits.sub(1));
    const nibble = select(digits.geU(16), high.extendU().shrU(digits.sub(16).shl(2)), low.shrU(digits.shl(2))).and(15);
    value.set(value.mul(10).add(nibble));
  });
  const [significand, signExponent] = f.calls(fromInteger, value);
  f.calls(push, significand, signExponent.or(high.and(0x8000)), 0, fop, fdp);
});

// ---- stores
/** Pops if told to. */
const popIf = (f: Func, pops: I32Value): void => f.if(pops, () => pop(f));
/**
 * Stores to memory have two parts, since an exception that is not masked comes before a fault of the memory access, and
 * that before anything else. First, (..., fip, fop, fdp) -> whether to store what has been staged. Then, if the store
 * has not faulted, `finishStore`.
 */
const stage = (
  f: Func,
  significand: I64Value | bigint,
  signExponent: I32Value | number,
  flags: I32Value | number,
): number => {
  f.store(I64, STAGED_SIGNIFICAND, significand);
  f.store(I64, STAGED_SIGN_EXPONENT, typeof signExponent === 'number' ? signExponent : signExponent.extendU());
  f.store(I32, STAGED_FLAGS, flags);
  return 1;
};
/** (whether it pops, fip, fop, fdp). */
const finishStore = define('x87FinishStore', [I32, I64, I32, I64], [], (f, pops, fip, fop, fdp) => {
  setFip(f, fip);
  f.calls(settle, load(I32, STAGED_FLAGS), fop, fdp);
  popIf(f, pops);
});
/** Ends the function if exceptions that are not masked keep the result. What is not stored is not inexact either. */
function returnUnstored(f: Func, flags: I32Value, fip: I64Value, fop: I32Value, fdp: I64Value): void {
  f.unlikely(flags.and(BEFORE_STORE).and(controlWord().not()).isSet(), () => {
    setFip(f, fip);
    f.calls(settle, flags.and(~(PE | C1)), fop, fdp);
    f.return(i32(0));
  });
}
const storeFloat = (name: string, format: Format, defaultNan: bigint) =>
  define(name, [I64, I32, I64], [I32], (f, fip, fop, fdp) => {
    const r = register(f, 0);
    f.unlikely(isEmpty(r), () => {
      returnUnstored(f, i32(IE | SF), fip, fop, fdp);
      f.return(i32(stage(f, defaultNan, 0, IE | SF)));
    });
    clearFlags(f);
    const [value] = f.calls(convert(F80_FORMAT, format), significandOf(r), signExponentOf(r), controlWord());
    const flags = raised(f);
    returnUnstored(f, flags, fip, fop, fdp);
    return i32(stage(f, value as unknown as I64Value, 0, flags));
  });
/** (bits 0-7 width, 8 truncates, fip, fop, fdp). */
const storeInteger = define('x87StoreInt', [I32, I64, I32, I64], [I32], (f, how, fip, fop, fdp) => {
  const r = register(f, 0);
  const width = f.let(how.and(0xff));
  f.unlikely(isEmpty(r), () => {
    returnUnstored(f, i32(IE | SF), fip, fop, fdp);
    f.return(i32(stage(f, f.let(i64(-1).shl(width.sub(1))), 0, IE | SF)));
  });
  clearFlags(f);
  const control = controlWord().or(select(how.and(0x100), i32(ROUND_ZERO << CONTROL_RC_BIT), 0));
  const [value] = f.calls(toInteger(F80_FORMAT), significandOf(r), signExponentOf(r), control, width);
  const flags = raised(f);
  returnUnstored(f, flags, fip, fop, fdp);
  return i32(stage(f, value as unknown as I64Value, 0, flags));
});
/** FSTP of 80 bits. */
const storeExtended = define('x87StoreExtended', [I64, I32, I64], [I32], (f, fip, fop, fdp) => {
  const r = register(f, 0);
  f.unlikely(isEmpty(r), () => {
    returnUnstored(f, i32(IE | SF), fip, fop, fdp);
    f.return(i32(stage(f, DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT, IE | SF)));
  });
  return i32(stage(f, significandOf(r), signExponentOf(r), 0));
});
const MOST_DECIMAL = 10n ** 18n - 1n;
/** FBSTP. */
const storeDecimal = define('x87StoreDecimal', [I64, I32, I64], [I32], (f, fip, fop, fdp) => {
  const r = register(f, 0);
  const flags = f.let(i32(IE | SF));
  const value = f.local(I64);
  const sign = f.let(signExponentOf(r).and(0x8000));
  f.if(isEmpty(r).eqz(), () => {
    clearFlags(f);
    const [whole] = f.calls(toInteger(F80_FORMAT), significandOf(r), signExponentOf(r), controlWord(), 64);
    value.set(whole as unknown as I64Value);
    f.if(value.ltS(0), () => value.set(value.neg()));
    flags.set(raised(f));
    f.if(value.gtU(MOST_DECIMAL), () => flags.set(IE));
  });
  returnUnstored(f, flags, fip, fop, fdp);
  f.if(flags.and(IE), () => f.return(i32(stage(f, 0xc000_0000_0000_0000n, 0xffff, flags))));
  const low = f.local(I64);
  const high = f.local(I64);
  const at = f.local(I32);
  f.loop((leave) => {
    f.if(value.eqz(), leave);
    const digit = f.let(value.remU(10));
    value.set(value.divU(10));
    f.if(
      at.ltU(64),
      () => low.set(low.or(digit.shl(at))),
      () => high.set(high.or(digit.shl(at.sub(64)))),
    );
    at.set(at.add(4));
  });
  return i32(stage(f, low, high.wrap().or(sign), flags));
});
/** (i, whether it pops, fip, fop): FST ST(i). `pops` 2: FSTPNCE, which leaves all alone when ST(0) is empty. */
const storeStack = define('x87StoreStack', [I32, I32, I64, I32], [], (f, i, pops, fip, fop) => {
  setFip(f, fip);
  const [r, to] = [register(f, 0), register(f, i)];
  f.unlikely(isEmpty(r), () => {
    f.if(pops.ne(2), () => pops.set(pops.and(f.call(underflow, to, fop, dataPointer()))));
    setStatus(f, C1, 0);
    popIf(f, pops);
    f.return();
  });
  setStatus(f, C1, 0);
  setRegister(f, to, f.let(significandOf(r)), f.let(signExponentOf(r)));
  markFull(f, to);
  popIf(f, pops);
});

// ---- moves between registers
/** (i, fip, fop): FXCH. Empty registers become default NaNs first. */
const exchange = define('x87Exchange', [I32, I64, I32], [], (f, i, fip, fop) => {
  setFip(f, fip);
  const [x, y] = [register(f, 0), register(f, i)];
  f.unlikely(isEmpty(x).or(isEmpty(y)), () => {
    f.if(f.call(settle, IE | SF, fop, dataPointer()).isSet(), () => f.return());
    for (const r of [x, y]) {
      f.if(isEmpty(r), () => {
        setRegister(f, r, DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT);
        markFull(f, r);
      });
    }
  });
  const [s, e] = [f.let(significandOf(x)), f.let(signExponentOf(x))];
  setRegister(f, x, f.let(significandOf(y)), f.let(signExponentOf(y)));
  setRegister(f, y, s, e);
  setStatus(f, C1, 0);
});
/** (i, condition, fip, fop): FCMOVcc. */
const conditionalMove = define('x87ConditionalMove', [I32, I32, I64, I32], [], (f, i, condition, fip, fop) => {
  setFip(f, fip);
  const [to, from] = [register(f, 0), register(f, i)];
  f.unlikely(isEmpty(to).or(isEmpty(from)), () => {
    f.calls(underflow, to, fop, dataPointer());
    f.return();
  });
  f.if(condition, () => setRegister(f, to, f.let(significandOf(from)), f.let(signExponentOf(from))));
});

// ---- comparisons
/** In the condition codes C3, C2 and C0. */
const codesOf = (relation: I32Value): I32Value =>
  select(
    relation.eq(EQUAL),
    i32(C3),
    select(relation.eq(LESS), i32(C0), select(relation.eq(GREATER), i32(0), C3 | C2 | C0)),
  );
/** How many registers go. */
function popSome(f: Func, count: I32Value): void {
  f.if(count, () => pop(f));
  f.if(count.eq(2), () => pop(f));
}
/** (significand, sign and exponent, whether it was denormal, quiet, pops, fop, fdp): ST(0) with a value. */
const compareValue = define(
  'x87.compare',
  [I64, I32, I32, I32, I32, I32, I64],
  [],
  (f, significand, signExponent, denormal, quiet, pops, fop, fdp) => {
    const r = register(f, 0);
    const relation = f.let(i32(UNORDERED));
    const flags = f.let(i32(IE | SF));
    f.if(isEmpty(r).eqz(), () => {
      clearFlags(f);
      const [s, e] = [f.let(significandOf(r)), f.let(signExponentOf(r))];
      const [found] = f.calls(compare(F80_FORMAT), s, e, significand, signExponent, quiet, controlWord());
      relation.set(found as unknown as I32Value);
      flags.set(raised(f));
      f.if(denormal.and(relation.ne(UNORDERED)), () => flags.set(flags.or(DE)));
    });
    const unmasked = f.let(f.call(settle, flags, fop, fdp));
    setStatus(f, C0 | C2 | C3, codesOf(relation));
    f.if(unmasked.and(BEFORE_RESULT).isSet(), () => f.return());
    popSome(f, pops);
  },
);
/** (bits, whether it pops, fip, fop, fdp). */
const comparing = (name: string, source: 'f32' | 'f64' | 'integer') =>
  define(name, [I64, I32, I64, I32, I64], [], (f, bits, pops, fip, fop, fdp) => {
    setFip(f, fip);
    if (source === 'integer') {
      const [s, e] = f.calls(fromInteger, bits);
      f.calls(compareValue, s, e, 0, 0, pops, fop, fdp);
    } else {
      const [s, e, denormal] = f.calls(WIDEN[source], bits);
      f.calls(compareValue, s, e, denormal, 0, pops, fop, fdp);
    }
  });
/** (i, quiet, registers to pop, fip, fop): FCOM, FUCOM. */
const compareStack = define('x87CompareStack', [I32, I32, I32, I64, I32], [], (f, i, quiet, pops, fip, fop) => {
  setFip(f, fip);
  const r = register(f, i);
  f.unlikely(isEmpty(r), () => {
    const unmasked = f.let(f.call(settle, IE | SF, fop, dataPointer()));
    setStatus(f, C0 | C2 | C3, C0 | C2 | C3);
    f.if(unmasked, () => f.return());
    popSome(f, pops);
    f.return();
  });
  f.calls(compareValue, significandOf(r), signExponentOf(r), 0, quiet, pops, fop, dataPointer());
});
/** (fip, fop): FTST. */
const compareZero = define('x87CompareZero', [I64, I32], [], (f, fip, fop) => {
  setFip(f, fip);
  f.calls(compareValue, 0, 0, 0, 0, 0, fop, dataPointer());
});
/** (i, quiet, whether it pops, fip, fop) -> how ST(0) relates to ST(i), as EQUAL to UNORDERED. */
const compareFlags = define('x87CompareFlags', [I32, I32, I32, I64, I32], [I32], (f, i, quiet, pops, fip, fop) => {
  setFip(f, fip);
  const [x, y] = [register(f, 0), register(f, i)];
  const relation = f.let(i32(UNORDERED));
  const flags = f.let(i32(IE | SF));
  f.if(isEmpty(x).or(isEmpty(y)).eqz(), () => {
    clearFlags(f);
    const [found] = f.calls(
      compare(F80_FORMAT), significandOf(x), signExponentOf(x), significandOf(y), signExponentOf(y), quiet, controlWord(),
    ); // biome-ignore format: two operands
    relation.set(found as unknown as I32Value);
    flags.set(raised(f));
  });
  // C1 stays unless the stack is to blame.
  const kept = f.let(select(flags.and(SF), i32(0), statusWord().and(C1)));
  const unmasked = f.let(f.call(settle, flags, fop, dataPointer()));
  setStatus(f, C1, kept);
  f.if(unmasked.and(BEFORE_RESULT).eqz(), () => popIf(f, pops));
  return relation;
});

// ---- control
/** (word): FLDCW. */
const loadControl = define('x87LoadControl', [I32], [], (f, word) => {
  setControlWord(f, word.and(0x1f3f).or(0x40));
  settlePending(f);
});
/** (): FNCLEX. */
const clearExceptions = define('x87ClearExceptions', [], [], (f) => setStatus(f, 0x80ff, 0));
const initialize = define('x87Initialize', [], [], (f) => {
  setControlWord(f, 0x37f);
  setStatus(f, 0xffff, 0);
  setTags(f, 0);
  clearPointers(f);
});
/** (by, fip): FINCSTP, FDECSTP. */
const turn = define('x87Turn', [I32, I64], [], (f, by, fip) => {
  setFip(f, fip);
  setTop(f, register(f, by));
  setStatus(f, C1, 0);
});
/** (i, whether it pops, fip): FFREE, FFREEP. */
const free = define('x87Free', [I32, I32, I64], [], (f, i, pops, fip) => {
  setFip(f, fip);
  markEmpty(f, register(f, i));
  setStatus(f, C1, 0);
  popIf(f, pops);
});
/** () -> the tag word of an environment: two bits for each register. */
const fullTags = define('x87FullTags', [], [I32], (f) => {
  const tags = f.local(I32);
  const r = f.let(i32(7));
  f.loop((leave) => {
    f.if(r.ltS(0), leave);
    const exponent = f.let(signExponentOf(r).and(0x7fff));
    const significand = f.let(significandOf(r));
    const tag = f.let(i32(2));
    f.if(exponent.or(significand.isSet()).eqz(), () => tag.set(1));
    f.if(exponent.isSet().and(exponent.ne(0x7fff)).and(significand.ltS(0)), () => tag.set(0));
    f.if(isEmpty(r), () => tag.set(3));
    tags.set(tags.shl(2).or(tag));
    r.set(r.sub(1));
  });
  return tags;
});
/** (control word, status word, tag word): of an environment. */
const loadEnvironment = define('x87LoadEnvironment', [I32, I32, I32], [], (f, control, status, tags) => {
  setControlWord(f, control.and(0x1f3f).or(0x40));
  setStatus(f, 0xffff, status.and(0xffff));
  const abridged = f.local(I32);
  const r = f.let(i32(7));
  f.loop((leave) => {
    f.if(r.ltS(0), leave);
    abridged.set(abridged.shl(1).or(tags.shrU(r.shl(1)).and(3).ne(3)));
    r.set(r.sub(1));
  });
  setTags(f, abridged);
  settlePending(f);
});
/** (i) -> significand of ST(i), whether it is empty or not; and its sign and exponent. */
const readSignificand = define('x87Significand', [I32], [I64], (f, i) => significandOf(register(f, i)));
const readSignExponent = define('x87SignExponent', [I32], [I32], (f, i) => signExponentOf(register(f, i)));
/** (i, significand, sign and exponent): the register's value alone. */
const writeRegister = define('x87WriteRegister', [I32, I64, I32], [], (f, i, significand, signExponent) =>
  setRegister(f, register(f, i), significand, signExponent),
);
/** (): after FNSTENV all exceptions are masked. */
const maskAll = define('x87MaskAll', [], [], (f) => {
  setControlWord(f, controlWord().or(0x3f));
  settlePending(f);
});

export const X87_MOVES = {
  x87LoadF32: loadFloat('x87LoadF32', WIDEN.f32),
  x87LoadF64: loadFloat('x87LoadF64', WIDEN.f64),
  x87LoadInt: loadInteger,
  x87LoadExtended: loadExtended,
  x87LoadStack: loadStack,
  x87LoadConstant: loadConstant,
  x87LoadDecimal: loadDecimal,
  x87StoreF32: storeFloat('x87StoreF32', F32_FORMAT, 0xffc0_0000n),
  x87StoreF64: storeFloat('x87StoreF64', F64_FORMAT, 0xfff8_0000_0000_0000n),
  x87StoreInt: storeInteger,
  x87StoreExtended: storeExtended,
  x87StoreDecimal: storeDecimal,
  x87FinishStore: finishStore,
  x87StoreStack: storeStack,
  x87Exchange: exchange,
  x87ConditionalMove: conditionalMove,
  x87CompareF32: comparing('x87CompareF32', 'f32'),
  x87CompareF64: comparing('x87CompareF64', 'f64'),
  x87CompareInt: comparing('x87CompareInt', 'integer'),
  x87CompareStack: compareStack,
  x87CompareZero: compareZero,
  x87CompareFlags: compareFlags,
  x87LoadControl: loadControl,
  x87ClearExceptions: clearExceptions,
  x87Initialize: initialize,
  x87Turn: turn,
  x87Free: free,
  x87FullTags: fullTags,
  x87LoadEnvironment: loadEnvironment,
  x87MaskAll: maskAll,
  x87Significand: readSignificand,
  x87SignExponent: readSignExponent,
  x87WriteRegister: writeRegister,
};
