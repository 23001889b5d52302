/**
 * The transcendental x87 instructions, on the state in memory. Results are exact ones rounded, which is what Intel's
 * processors give most of the time; elsewhere those differ by an ulp. Arguments of sine, cosine and tangent are reduced
 * by a pi of 66 bits, as theirs are (Intel SDM Vol. 1, "Approximation of Pi"). Special operands: the tables of Intel SDM
 * Vol. 2, by instruction name.
 */
import { DE, IE, OE, PE, ROUND_DOWN, ROUND_NEAREST, ROUND_UP, ROUND_ZERO, ROUNDED_UP, UE, ZE } from '../float/area.ts';
import { STATE } from '../state.ts';
import {
  BITS, FIXED_ONE, fixedAngle, fixedLog2, fixedPi, fixedPower2, fixedSineCosine, overLogOfTwo, timesLogOfTwo,
} from './big-math.ts'; // biome-ignore format: a list

export const TRANSCENDENTALS = ['f2xm1', 'fyl2x', 'fyl2xp1', 'fptan', 'fpatan', 'fsin', 'fcos', 'fsincos'] as const;
type Name = (typeof TRANSCENDENTALS)[number];

interface Extended {
  readonly sign: 0 | 1;
  /** With its bias. */
  readonly exponent: number;
  readonly significand: bigint;
}
const BIAS = 0x3fff, MAX = 0x7fff, WRAP = 24576; // biome-ignore format: one line
const TOP_BIT = 1n << 63n, QUIET = 1n << 62n; // biome-ignore format: one line
const DEFAULT_NAN: Extended = { sign: 1, exponent: MAX, significand: TOP_BIT | QUIET };
const zero = (sign: 0 | 1): Extended => ({ sign, exponent: 0, significand: 0n });
const infinity = (sign: 0 | 1): Extended => ({ sign, exponent: MAX, significand: TOP_BIT });
const ONE: Extended = { sign: 0, exponent: BIAS, significand: TOP_BIT };

const isZero = (x: Extended): boolean => x.exponent === 0 && x.significand === 0n;
const isInfinity = (x: Extended): boolean => x.exponent === MAX && x.significand === TOP_BIT;
const isNan = (x: Extended): boolean => x.exponent === MAX && x.significand > TOP_BIT;
const isSignaling = (x: Extended): boolean => isNan(x) && (x.significand & QUIET) === 0n;
const isDenormal = (x: Extended): boolean => x.exponent === 0 && x.significand !== 0n;
const isUnsupported = (x: Extended): boolean => x.exponent !== 0 && x.significand < TOP_BIT;
const bitLength = (x: bigint): number => x.toString(2).length;
const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);

/** A number of any precision: m * 2^e, and a little more in size unless it is exact. */
interface Exact {
  readonly sign: 0 | 1;
  readonly m: bigint;
  readonly e: number;
  readonly isExact?: boolean;
}

const SF = 0x40, C2 = 0x400, PENDING = 0x8080, TOP = 0x3800; // biome-ignore format: one line

/** One instruction at work. */
class Operation {
  private readonly _view: DataView;
  private readonly _control: number;
  private readonly _fop: number;
  flags = 0;
  constructor(memory: WebAssembly.Memory, fip: bigint, fop: number) {
    this._view = new DataView(memory.buffer);
    this._control = this._view.getUint16(STATE.x87, true);
    this._fop = fop;
    this._view.setBigUint64(STATE.x87 + 8, BigInt.asUintN(64, fip), true);
  }
  private get _status(): number {
    return this._view.getUint16(STATE.x87 + 2, true);
  }
  setStatus(mask: number, value: number): void {
    this._view.setUint16(STATE.x87 + 2, (this._status & ~mask) | value, true);
  }
  private _register(i: number): number {
    return (((this._status & TOP) >> 11) + i) & 7;
  }
  isEmpty(i: number): boolean {
    return ((this._view.getUint8(STATE.x87 + 4) >> this._register(i)) & 1) === 0;
  }
  read(i: number): Extended {
    const at = STATE.x87 + 32 + 16 * this._register(i);
    const word = this._view.getUint16(at + 8, true);
    return { sign: (word >> 15) as 0 | 1, exponent: word & MAX, significand: this._view.getBigUint64(at, true) };
  }
  write(i: number, { sign, exponent, significand }: Extended): void {
    const r = this._register(i);
    this._view.setBigUint64(STATE.x87 + 32 + 16 * r, significand, true);
    this._view.setUint16(STATE.x87 + 40 + 16 * r, (sign << 15) | exponent, true);
    this._view.setUint8(STATE.x87 + 4, this._view.getUint8(STATE.x87 + 4) | (1 << r));
  }
  /** The top moves by so many registers; what is left behind above it is empty. */
  pop(): void {
    const r = this._register(0);
    this._view.setUint8(STATE.x87 + 4, this._view.getUint8(STATE.x87 + 4) & ~(1 << r));
    this.setStatus(TOP, ((r + 1) & 7) << 11);
  }
  push(x: Extended): void {
    this.setStatus(TOP, this._register(7) << 11);
    this.write(0, x);
  }
  /** Reports the exceptions. Whether the result may be written: those that come before it are masked. */
  settle(): boolean {
    const unmasked = this.flags & ~this._control & 0x3f;
    const early = (unmasked & 7) !== 0;
    if (early) this.flags &= 7 | SF | ((this.flags & SF) !== 0 ? ROUNDED_UP : 0);
    this.setStatus(ROUNDED_UP, this.flags);
    if (unmasked !== 0) {
      this.setStatus(0, PENDING);
      this._view.setUint16(STATE.x87 + 6, this._fop, true);
    }
    return !early;
  }

  /** Rounds to 64 bits, whatever the precision control says. */
  round({ sign, m, e, isExact = false }: Exact): Extended {
    if (m === 0n) return zero(sign);
    const mode = (this._control >> 10) & 3;
    const length = bitLength(m);
    let exponent = e + length - 1 + BIAS;
    const cut = (bits: number): { value: bigint; up: boolean; inexact: boolean } => {
      const drop = BigInt(length - bits);
      if (drop <= 0n) return { value: m << -drop, up: false, inexact: !isExact };
      const value = m >> drop;
      const rest = m - (value << drop);
      const inexact = rest !== 0n || !isExact;
      const half = 1n << (drop - 1n);
      const isAbove = rest > half || (rest === half && !isExact);
      const up =
        mode === ROUND_NEAREST
          ? isAbove || (rest === half && isExact && (value & 1n) === 1n)
          : inexact && mode !== ROUND_ZERO && (mode === ROUND_DOWN) === (sign === 1);
      return { value: up ? value + 1n : value, up, inexact };
    };
    let result = cut(64);
    const carried = result.value >> 64n !== 0n;
    const isTiny = exponent + (carried ? 1 : 0) <= 0;
    if (isTiny && (this._control & UE) === 0) {
      this.flags |= UE;
      exponent += WRAP;
    } else if (exponent <= 0) {
      result = cut(63 + exponent);
      if (result.inexact) this.flags |= PE | (isTiny ? UE : 0) | (result.up ? ROUNDED_UP : 0);
      return { sign, exponent: result.value >= TOP_BIT ? 1 : 0, significand: result.value };
    }
    if (carried) {
      exponent++;
      result.value >>= 1n;
    }
    if (result.inexact) this.flags |= PE | (result.up ? ROUNDED_UP : 0);
    if (exponent < MAX) return { sign, exponent, significand: result.value };
    this.flags |= OE;
    if ((this._control & OE) === 0 && exponent - WRAP < MAX)
      return { sign, exponent: exponent - WRAP, significand: result.value };
    const stays = mode === ROUND_ZERO || (mode === ROUND_DOWN && sign === 0) || (mode === ROUND_UP && sign === 1);
    this.flags |= PE | (stays ? 0 : ROUNDED_UP);
    return stays ? { sign, exponent: MAX - 1, significand: (1n << 64n) - 1n } : infinity(sign);
  }

  invalid(): Extended {
    this.flags |= IE;
    return DEFAULT_NAN;
  }
  /** What an operand that is no number makes of the result; undefined when all are numbers or infinities. */
  noNumber(...operands: readonly Extended[]): Extended | undefined {
    if (operands.some(isUnsupported)) return this.invalid();
    const nans = operands.filter(isNan);
    if (nans.length === 0) return undefined;
    if (nans.some(isSignaling)) this.flags |= IE;
    const quiet = nans.filter((x) => !isSignaling(x));
    const candidates = quiet.length === 1 ? quiet : nans;
    const chosen = candidates.reduce((x, y) =>
      y.significand > x.significand || (y.significand === x.significand && x.sign === 1) ? y : x,
    );
    return { ...chosen, significand: chosen.significand | QUIET };
  }
  noteDenormals(...operands: readonly Extended[]): void {
    if (operands.some(isDenormal)) this.flags |= DE;
  }
}

/** As m * 2^e. */
const exact = ({ sign, exponent, significand }: Extended): Exact => ({
  sign,
  m: significand,
  e: Math.max(exponent, 1) - BIAS - 63,
  isExact: true,
});
/** Exponent of the number's top bit. */
const scaleOf = ({ m, e }: Exact): number => bitLength(m) - 1 + e;
/** With BITS fractional bits; what is too small is lost. */
const fixed = ({ m, e }: Exact): bigint => {
  const shift = BITS + BigInt(e);
  return shift >= 0n ? m << shift : m >> -shift;
};
const fromFixed = (x: bigint, sign: 0 | 1 = x < 0n ? 1 : 0): Exact => ({ sign, m: magnitude(x), e: -Number(BITS) });
/** Below this, the next term of a series is out of reach of any rounding but its direction. */
const SMALL = -70;
/** The pi of 66 bits that processors have, times 2^66. */
const PI_66 = 0xc90f_daa2_2168_c234cn;
const PI_66_FRACTION = 66n;

/** Sine and cosine of a number from 2^SMALL to 2^63. */
function sineCosine(x: Exact): readonly [sine: bigint, cosine: bigint] {
  // In units of 2^-BITS; the quarter turn is exact there.
  const angle = fixed(x);
  const quarter = PI_66 << (BITS - PI_66_FRACTION - 1n);
  const turns = (2n * angle + quarter) / (2n * quarter);
  const [s, c] = fixedSineCosine(angle - turns * quarter);
  const [sine, cosine] = [[s, c], [c, -s], [-s, -c], [-c, s]][Number(turns & 3n)]; // biome-ignore format: by quarter
  return [x.sign === 1 ? -sine : sine, cosine];
}

/** ST(0) of the trigonometric ones: whether there is anything to compute, or what the result is without. */
function trigonometric(op: Operation, x: Extended): Extended | 'out of range' | undefined {
  const found = op.noNumber(x);
  if (found) return found;
  if (isInfinity(x)) return op.invalid();
  if (x.exponent >= BIAS + 63) return 'out of range';
  op.noteDenormals(x);
  return undefined;
}
function sine(op: Operation, x: Extended): Extended {
  if (isZero(x)) return x;
  const number = exact(x);
  return scaleOf(number) < SMALL ? roundLikeExact(op, number) : op.round(fromFixed(sineCosine(number)[0]));
}
function cosine(op: Operation, x: Extended): Extended {
  if (isZero(x)) return ONE;
  const number = exact(x);
  return scaleOf(number) < SMALL ? roundLikeExact(op, exact(ONE)) : op.round(fromFixed(sineCosine(number)[1]));
}
function tangent(op: Operation, x: Extended): Extended {
  if (isZero(x)) return x;
  const number = exact(x);
  if (scaleOf(number) < SMALL) return roundLikeExact(op, number);
  const [s, c] = sineCosine(number);
  return op.round(fromFixed((s << BITS) / c));
}

function power2(op: Operation, x: Extended): Extended {
  const found = op.noNumber(x);
  if (found) return found;
  if (isInfinity(x)) return x.sign === 0 ? x : { ...ONE, sign: 1 };
  op.noteDenormals(x);
  if (isZero(x)) return x;
  const number = exact(x);
  if (scaleOf(number) < SMALL)
    return op.round({ sign: x.sign, m: timesLogOfTwo(number.m), e: number.e - Number(BITS) });
  if (scaleOf(number) >= 0) {
    // 1 and -1 count as inexact; what is beyond is out of the instruction's range, and stays.
    op.flags |= PE;
    if (x.significand !== TOP_BIT || x.exponent !== BIAS) return x;
    return x.sign === 0 ? ONE : { sign: 1, exponent: BIAS - 1, significand: TOP_BIT };
  }
  const value = fixed(number);
  return op.round(fromFixed(fixedPower2(x.sign === 1 ? -value : value)));
}

/** Where the processor takes its approximation for the result, but says that it is inexact. */
function roundLikeExact(op: Operation, x: Exact): Extended {
  op.flags |= PE;
  const result = op.round({ ...x, isExact: true });
  if (isDenormal(result)) op.flags |= UE;
  return result;
}

/** y * log2(x). */
function timesLog2(op: Operation, y: Extended, x: Extended): Extended {
  const found = op.noNumber(x, y);
  if (found) return found;
  const isNegative = x.sign === 1 && !isZero(x);
  if (isNegative) return op.invalid();
  if (isInfinity(x)) {
    if (isZero(y)) return op.invalid();
    op.noteDenormals(y);
    return infinity(y.sign);
  }
  if (isZero(x)) {
    if (isZero(y)) return op.invalid();
    if (isInfinity(y)) return infinity(y.sign === 0 ? 1 : 0);
    op.flags |= ZE;
    return infinity(y.sign === 0 ? 1 : 0);
  }
  const number = exact(x);
  const scale = scaleOf(number);
  const isPower = (number.m & (number.m - 1n)) === 0n;
  const isOne = isPower && scale === 0;
  if (isInfinity(y)) {
    if (isOne) return op.invalid();
    op.noteDenormals(x);
    return infinity((y.sign ^ (scale < 0 ? 1 : 0)) as 0 | 1);
  }
  op.noteDenormals(x, y);
  const sign = (y.sign ^ (scale < 0 ? 1 : 0)) as 0 | 1;
  if (isOne || isZero(y)) return zero(sign);
  const factor = exact(y);
  if (isPower) return roundLikeExact(op, { sign, m: factor.m * BigInt(Math.abs(scale)), e: factor.e });
  // log2(x) = scale + log2(1 + fraction), from the nearer power of two where that is 1.
  const unit = 1n << BigInt(bitLength(number.m) - 1);
  const log =
    scale === -1
      ? fixedLog2(number.m - 2n * unit, 2n * unit)
      : (BigInt(scale) << BITS) + fixedLog2(number.m - unit, unit);
  return op.round({ sign, m: magnitude(log) * factor.m, e: factor.e - Number(BITS) });
}

/** y * log2(x + 1). */
function timesLog2Plus1(op: Operation, y: Extended, x: Extended): Extended {
  const found = op.noNumber(x, y);
  if (found) return found;
  const sign = (y.sign ^ x.sign) as 0 | 1;
  if (isInfinity(x)) {
    if (x.sign === 1 || isZero(y)) return op.invalid();
    op.noteDenormals(y);
    return infinity(sign);
  }
  if (isInfinity(y)) {
    if (isZero(x)) return op.invalid();
    op.noteDenormals(x);
    return infinity(sign);
  }
  op.noteDenormals(x, y);
  if (isZero(x) || isZero(y)) return zero(sign);
  const number = exact(x);
  const factor = exact(y);
  if (scaleOf(number) < SMALL)
    return op.round({ sign, m: overLogOfTwo(number.m) * factor.m, e: number.e + factor.e - Number(BITS) });
  if (scaleOf(number) >= 0 && x.sign === 1) {
    // Out of range.
    op.flags |= PE;
    return x;
  }
  // Beyond its range it is as good as FYL2X.
  const size = fixed(number);
  const sum = FIXED_ONE + (x.sign === 1 ? -size : size);
  const shift = BigInt(bitLength(sum) - 1) - BITS;
  const near = shift === -1n ? 0n : shift;
  const unit = near < 0n ? FIXED_ONE >> -near : FIXED_ONE << near;
  const log = (near << BITS) + fixedLog2(sum - unit, unit);
  return op.round({ sign, m: magnitude(log) * factor.m, e: factor.e - Number(BITS) });
}

/** The angle of (x, y). */
function arcTangent(op: Operation, y: Extended, x: Extended): Extended {
  const found = op.noNumber(x, y);
  if (found) return found;
  op.noteDenormals(x, y);
  const { sign } = y;
  const pi = fixedPi();
  const angle = (value: bigint) => op.round(fromFixed(value, sign));
  if (isInfinity(y)) return angle(isInfinity(x) ? (x.sign === 1 ? (3n * pi) >> 2n : pi >> 2n) : pi >> 1n);
  if (isInfinity(x)) return x.sign === 1 ? angle(pi) : zero(sign);
  if (isZero(y)) return x.sign === 1 ? angle(pi) : zero(sign);
  if (isZero(x)) return angle(pi >> 1n);
  const [p, q] = [exact(y), exact(x)];
  const ahead = scaleOf(p) - scaleOf(q);
  if (ahead > -SMALL) return angle((pi >> 1n) + (x.sign === 1 ? 1n : -1n));
  if (ahead < SMALL) {
    if (x.sign === 1) return angle(pi - 1n);
    const m = (p.m << 256n) / q.m;
    const quotient = { sign, m, e: p.e - q.e - 256 };
    return m * q.m === p.m << 256n ? roundLikeExact(op, quotient) : op.round(quotient);
  }
  const [a, b] = p.e > q.e ? [p.m << BigInt(p.e - q.e), q.m] : [p.m, q.m << BigInt(q.e - p.e)];
  const value = fixedAngle(a, b);
  return angle(x.sign === 1 ? pi - value : value);
}

/** Executes one of them; the caller has seen to pending exceptions. */
export function transcendental(memory: WebAssembly.Memory, which: number, fip: bigint, fop: number): void {
  const name: Name = TRANSCENDENTALS[which];
  const op = new Operation(memory, fip, fop);
  switch (name) {
    case 'f2xm1':
      return unary(op, power2);
    case 'fsin':
      return periodic(op, sine);
    case 'fcos':
      return periodic(op, cosine);
    case 'fyl2x':
      return binary(op, timesLog2);
    case 'fyl2xp1':
      return binary(op, timesLog2Plus1);
    case 'fpatan':
      return binary(op, arcTangent);
    case 'fptan':
      return pushing(op, tangent, () => ONE);
    case 'fsincos':
      // C1 tells of the cosine.
      return pushing(op, sine, (_, x) => {
        op.flags &= ~ROUNDED_UP;
        return cosine(op, x);
      });
  }
}

/** The stack's exception; whether the instruction goes on, with default NaNs. */
function stackFault(op: Operation, c1: 0 | typeof ROUNDED_UP): boolean {
  op.flags = IE | SF | c1;
  return op.settle();
}
function unary(op: Operation, compute: (op: Operation, x: Extended) => Extended): void {
  if (op.isEmpty(0)) {
    if (stackFault(op, 0)) op.write(0, DEFAULT_NAN);
    return;
  }
  const result = compute(op, op.read(0));
  if (op.settle()) op.write(0, result);
}
function periodic(op: Operation, compute: (op: Operation, x: Extended) => Extended): void {
  op.setStatus(C2, 0);
  unary(op, (_, x) => {
    const found = trigonometric(op, x);
    if (found === undefined) return compute(op, x);
    if (found !== 'out of range') return found;
    op.setStatus(0, C2);
    return x;
  });
}
function binary(op: Operation, compute: (op: Operation, y: Extended, x: Extended) => Extended): void {
  const isFaulty = op.isEmpty(0) || op.isEmpty(1);
  if (isFaulty && !stackFault(op, 0)) return;
  const result = isFaulty ? DEFAULT_NAN : compute(op, op.read(1), op.read(0));
  if (!isFaulty && !op.settle()) return;
  op.write(1, result);
  op.pop();
}
/** FPTAN and FSINCOS: a second result is pushed. */
function pushing(
  op: Operation,
  first: (op: Operation, x: Extended) => Extended,
  second: (op: Operation, x: Extended) => Extended,
): void {
  op.setStatus(C2, 0);
  const isOverflow = !op.isEmpty(7);
  if (op.isEmpty(0) || isOverflow) {
    if (!stackFault(op, op.isEmpty(0) ? 0 : ROUNDED_UP)) return;
    op.write(0, DEFAULT_NAN);
    op.push(DEFAULT_NAN);
    return;
  }
  const x = op.read(0);
  const found = trigonometric(op, x);
  if (found === 'out of range') {
    op.settle();
    op.setStatus(0, C2);
    return;
  }
  const results = found ? [found, found] : [first(op, x), second(op, x)];
  if (!op.settle()) return;
  op.write(0, results[0]);
  op.push(results[1]);
}
