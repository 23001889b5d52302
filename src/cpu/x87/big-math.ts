/**
 * Elementary functions on fixed-point numbers of BITS fractional bits, as BigInt: good to some 60 bits more than an f80
 * result of them needs. Series of the textbooks, after the argument has been made small.
 */
export const BITS = 320n;
export const FIXED_ONE = 1n << BITS;

const multiply = (x: bigint, y: bigint): bigint => (x * y) >> BITS;
const divide = (x: bigint, y: bigint): bigint => (x << BITS) / y;

/** The largest integer whose square is not above. */
export function squareRoot(x: bigint): bigint {
  if (x === 0n) return 0n;
  let root = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** z + s z^3/3 + z^5/5 + ...: atanh for s of 1, atan for -1. |z| is at most 1/2. */
function oddSeries(z: bigint, s: 1n | -1n): bigint {
  // What is below zero would round away from it for ever.
  if (z < 0n) return -oddSeries(-z, s);
  const square = multiply(z, z);
  let power = z;
  let sum = z;
  for (let n = 3n, sign = s; power !== 0n; n += 2n, sign *= s) {
    power = multiply(power, square);
    sum += (sign * power) / n;
  }
  return sum;
}

/** Of x from 0 to 1. */
function arcTangent(x: bigint): bigint {
  // Half of the angle, three times.
  let z = x;
  for (let i = 0; i < 3; i++) z = divide(z, FIXED_ONE + squareRoot((FIXED_ONE << BITS) + z * z));
  return oddSeries(z, -1n) << 3n;
}

let pi = 0n;
/** Machin's formula. */
export function fixedPi(): bigint {
  if (pi === 0n) pi = 16n * oddSeries(FIXED_ONE / 5n, -1n) - 4n * oddSeries(FIXED_ONE / 239n, -1n);
  return pi;
}
let logOfTwo = 0n;
function fixedLogOfTwo(): bigint {
  if (logOfTwo === 0n) logOfTwo = 2n * oddSeries(FIXED_ONE / 3n, 1n);
  return logOfTwo;
}

/** Angle of a point off the axes' origin, x and y not negative. */
export function fixedAngle(y: bigint, x: bigint): bigint {
  return y <= x ? arcTangent(divide(y, x)) : (fixedPi() >> 1n) - arcTangent(divide(x, y));
}

/** log2((d + n) / d) for a quotient from 1/2 to 2. */
export function fixedLog2(n: bigint, d: bigint): bigint {
  return divide(2n * oddSeries(divide(n, 2n * d + n), 1n), fixedLogOfTwo());
}

/** 2^x - 1 for |x| of at most 1. */
export function fixedPower2(x: bigint): bigint {
  const t = multiply(x, fixedLogOfTwo());
  let term = t;
  let sum = t;
  for (let n = 2n; term !== 0n && term !== -1n; n++) {
    term = multiply(term, t) / n;
    sum += term;
  }
  return sum;
}
/** x * ln 2, for what is too small to need more. */
export const timesLogOfTwo = (x: bigint): bigint => x * fixedLogOfTwo();
/** x / ln 2, with that many fractional bits more. */
export const overLogOfTwo = (x: bigint): bigint => (x << (2n * BITS)) / fixedLogOfTwo();

/** Sine and cosine of |x| below 1. */
export function fixedSineCosine(x: bigint): readonly [sine: bigint, cosine: bigint] {
  const square = multiply(x, x);
  const series = (first: bigint, from: bigint) => {
    let term = first;
    let sum = first;
    for (let n = from; term !== 0n && term !== -1n; n += 2n) {
      term = -multiply(term, square) / (n * (n + 1n));
      sum += term;
    }
    return sum;
  };
  return [series(x, 2n), series(FIXED_ONE, 1n)];
}
