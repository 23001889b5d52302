/**
 * The x87 state as runtime functions work on it: words, registers by number, the stack, and what an exception does to
 * them. Its layout is in isa/x87-common.ts. Intel SDM Vol. 1, "x87 FPU Execution Environment" and "x87 FPU Exception
 * Handling".
 */
import { AREA, IE, ROUNDED_UP } from '../float/area.ts';
import { STATE } from '../state.ts';
import { I32, I64 } from '../wasm/code.ts';
import { define, type Func, type Int, i32, load, load8, load16, select } from '../wasm/func.ts';

export type I32Value = Int<typeof I32>;
export type I64Value = Int<typeof I64>;

const FCW = STATE.x87, FSW = STATE.x87 + 2, TAGS = STATE.x87 + 4, FOP = STATE.x87 + 6; // biome-ignore format: one line
const FIP = STATE.x87 + 8, FDP = STATE.x87 + 16, REGISTERS = STATE.x87 + 32; // biome-ignore format: one line
/** What a function leaves for the instruction that called it: a significand, sign and exponent, the exceptions so far. */
export const STAGED_SIGNIFICAND = STATE.x87 + 192, STAGED_SIGN_EXPONENT = STATE.x87 + 200, STAGED_FLAGS = STATE.x87 + 208; // biome-ignore format: one line

/** Bits of the status word. C1 is where ROUNDED_UP has it. */
export const SF = 0x40, C0 = 0x100, C1 = ROUNDED_UP, C2 = 0x400, C3 = 0x4000; // biome-ignore format: one line
const PENDING = 0x8080;
const TOP = 0x3800, TOP_SHIFT = 11; // biome-ignore format: one line
/** Unmasked, they keep an instruction from giving a result. */
export const BEFORE_RESULT = 7;
/** The same of one that stores to memory. */
export const BEFORE_STORE = 0x1f;
/** The exceptions that can be masked. */
const EXCEPTIONS = 0x3f;

export const DEFAULT_NAN = 3n << 62n;
export const DEFAULT_NAN_SIGN_EXPONENT = 0xffff;

export const controlWord = (): I32Value => load16(FCW);
export const statusWord = (): I32Value => load16(FSW);
/** Number of the register ST(i). */
export const register = (f: Func, i: I32Value | number): I32Value => f.let(statusWord().shrU(TOP_SHIFT).add(i).and(7));
export const isEmpty = (r: I32Value): I32Value => load8(TAGS).shrU(r).and(1).eqz();
export const significandOf = (r: I32Value): I64Value => load(I64, REGISTERS, r.shl(4));
export const signExponentOf = (r: I32Value): I32Value => load16(REGISTERS + 8, r.shl(4));
/** The register's value; whether it is empty stays. */
export function setRegister(
  f: Func,
  r: I32Value,
  significand: I64Value | bigint,
  signExponent: I32Value | number,
): void {
  f.store(I64, REGISTERS, significand, r.shl(4));
  f.store16(REGISTERS + 8, signExponent, r.shl(4));
}
export const markFull = (f: Func, r: I32Value): void => f.store8(TAGS, load8(TAGS).or(i32(1).shl(r)));
export const markEmpty = (f: Func, r: I32Value): void => f.store8(TAGS, load8(TAGS).and(i32(1).shl(r).not()));
export const setTags = (f: Func, tags: I32Value | number): void => f.store8(TAGS, tags);
/** Bits of the status word := those of `value`. */
export const setStatus = (f: Func, mask: number, value: I32Value | number): void =>
  f.store16(FSW, statusWord().and(~mask).or(value));
export const setControlWord = (f: Func, value: I32Value | number): void => f.store16(FCW, value);
export const setTop = (f: Func, r: I32Value | number): void =>
  setStatus(f, TOP, typeof r === 'number' ? r << TOP_SHIFT : r.shl(TOP_SHIFT));
export function pop(f: Func): void {
  const r = register(f, 0);
  markEmpty(f, r);
  setTop(f, r.add(1).and(7));
}
export const setFip = (f: Func, fip: I64Value | number): void => f.store(I64, FIP, fip);
export const dataPointer = (): I64Value => load(I64, FDP);
export function clearPointers(f: Func): void {
  f.store16(FOP, 0);
  f.store(I64, FIP, 0);
  f.store(I64, FDP, 0);
}

/** Functions of the core (float/) add to these. */
export const clearFlags = (f: Func): void => f.store(I32, AREA.flags, 0);
export const raised = (f: Func): I32Value => f.let(load(I32, AREA.flags));

/**
 * (exceptions with SF and C1, opcode, data address) -> those that are not masked. The status word takes them; an
 * unmasked one is pending from here on, and the opcode and the address are only kept then (Intel SDM Vol. 1, "x87 FPU
 * Instruction and Data (Operand) Pointers": processors with CPUID.(EAX=07H,ECX=0):EBX[6] set).
 */
export const settle = define('x87.settle', [I32, I32, I64], [I32], (f, flags, fop, fdp) => {
  const unmasked = f.let(flags.and(controlWord().not()).and(EXCEPTIONS));
  f.unlikely(unmasked.isSet(), () => {
    // What comes before the result keeps away what would have come with it.
    const kept = select(flags.and(SF), i32(BEFORE_RESULT | SF | C1), BEFORE_RESULT);
    f.if(unmasked.and(BEFORE_RESULT), () => flags.set(flags.and(kept)));
    setStatus(f, PENDING, PENDING);
    f.store16(FOP, fop);
    f.store(I64, FDP, fdp);
  });
  setStatus(f, C1, flags.and(EXCEPTIONS | SF | C1));
  return unmasked;
});
/** ES and B anew, after the control or the status word was loaded. */
export function settlePending(f: Func): void {
  const pending = statusWord().and(controlWord().not()).and(EXCEPTIONS).isSet();
  setStatus(f, PENDING, select(pending, i32(PENDING), 0));
}

/** (register, opcode, data address) -> whether the instruction goes on, with the default NaN: an operand is an empty register. */
export const underflow = define('x87.underflow', [I32, I32, I64], [I32], (f, r, fop, fdp) => {
  f.if(f.call(settle, IE | SF, fop, fdp).isSet(), () => f.return(i32(0)));
  setRegister(f, r, DEFAULT_NAN, DEFAULT_NAN_SIGN_EXPONENT);
  markFull(f, r);
  return i32(1);
});

/** (significand, sign and exponent, exceptions, opcode, data address): a new top of the stack, if it is free. */
export const push = define(
  'x87.push',
  [I64, I32, I32, I32, I64],
  [],
  (f, significand, signExponent, flags, fop, fdp) => {
    const r = register(f, -1);
    f.unlikely(isEmpty(r).eqz(), () => {
      flags.set(IE | SF | C1);
      significand.set(DEFAULT_NAN);
      signExponent.set(DEFAULT_NAN_SIGN_EXPONENT);
    });
    // A denormal number is loaded even if DE is not masked.
    f.if(f.call(settle, flags, fop, fdp).and(IE), () => f.return());
    setTop(f, r);
    markFull(f, r);
    setRegister(f, r, significand, signExponent);
  },
);
