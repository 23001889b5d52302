/**
 * Floating-point numbers of any format as C's `%g` prints them, from their exact value, with as many digits as tell two
 * numbers of the format apart: 9 of float, 17 of double. NaNs show their payload. IEEE 754; Intel SDM Vol. 1.
 */
import type { FloatType } from './types.ts';
import { integerOfBytes } from './values.ts';

export function describeFloat(type: FloatType, bytes: Uint8Array): string {
  const { exponentBits, fractionBits, hasIntegerBit } = type.format;
  const stored = hasIntegerBit ? fractionBits + 1 : fractionBits;
  const bits = integerOfBytes(bytes.subarray(0, Math.ceil((1 + exponentBits + stored) / 8)), false);
  const significand = bits & ((1n << BigInt(stored)) - 1n);
  const exponent = Number((bits >> BigInt(stored)) & ((1n << BigInt(exponentBits)) - 1n));
  const sign = (bits >> BigInt(stored + exponentBits)) & 1n ? '-' : '';
  const most = 2 ** exponentBits - 1;
  if (exponent === most) {
    const fraction = significand & ((1n << BigInt(fractionBits)) - 1n);
    if (fraction === 0n) return `${sign}inf`;
    return `${sign}nan(0x${significand.toString(16)})`;
  }
  const bias = 2 ** (exponentBits - 1) - 1;
  const lead = hasIntegerBit || exponent === 0 ? 0n : 1n << BigInt(fractionBits);
  const power = Math.max(exponent, 1) - bias - fractionBits;
  const digits = 1 + Math.ceil((fractionBits + 1) * Math.log10(2));
  return sign + general(significand | lead, power, digits);
}

/** `significand * 2^power` as `%.{digits}g`: rounded half to even, without zeros at the end. */
function general(significand: bigint, power: number, digits: number): string {
  if (significand === 0n) return '0';
  const numerator = power >= 0 ? significand << BigInt(power) : significand;
  const denominator = power >= 0 ? 1n : 1n << BigInt(-power);
  // A first guess of the decimal exponent, at most one too small.
  let exponent = Math.floor((significand.toString(2).length - 1 + power) * Math.log10(2));
  let rounded = scaled(numerator, denominator, digits - 1 - exponent);
  if (rounded >= 10n ** BigInt(digits)) {
    exponent++;
    rounded = scaled(numerator, denominator, digits - 1 - exponent);
    // Rounding up to the next power of ten.
    if (rounded >= 10n ** BigInt(digits)) {
      exponent++;
      rounded /= 10n;
    }
  }
  const all = String(rounded);
  const shown = all.replace(/0+$/, '');
  if (exponent < -4 || exponent >= digits) {
    const fraction = shown.length > 1 ? `.${shown.slice(1)}` : '';
    return `${shown[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${shown}`;
  const whole = all.slice(0, exponent + 1);
  return shown.length > exponent + 1 ? `${whole}.${shown.slice(exponent + 1)}` : whole;
}

/** The fraction times ten to a power, rounded half to even. */
function scaled(numerator: bigint, denominator: bigint, power: number): bigint {
  const top = power >= 0 ? numerator * 10n ** BigInt(power) : numerator;
  const bottom = power >= 0 ? denominator : denominator * 10n ** BigInt(-power);
  const quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  return twice > bottom || (twice === bottom && quotient & 1n) ? quotient + 1n : quotient;
}
