/**
 * Values of expressions: a type, and bytes that are read when somebody needs them, so that `&*(int *)5` never touches
 * memory. `place` says where a value can be assigned to.
 */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { type CType, sizeOf, typeName } from './types.ts';

export type Place =
  | { readonly kind: 'memory'; readonly address: bigint }
  | { readonly kind: 'variable'; readonly name: string }
  /** `offset`: of a part of it, in bytes. */
  | { readonly kind: 'register'; readonly name: string; readonly offset?: number };

export class Value {
  readonly type: CType;
  readonly place: Place | undefined;
  private readonly _read: () => Uint8Array;
  private _bytes: Uint8Array | undefined;

  constructor(type: CType, bytes: Uint8Array | (() => Uint8Array), place?: Place) {
    this.type = type;
    this.place = place;
    this._read = typeof bytes === 'function' ? bytes : () => bytes;
  }

  /** As many as the type has, little-endian. Throws UsageError where memory cannot be read. */
  get bytes(): Uint8Array {
    return (this._bytes ??= this._read());
  }

  /** Where it is in memory; undefined: not there. */
  get address(): bigint | undefined {
    return this.place?.kind === 'memory' ? this.place.address : undefined;
  }
}

/** What evaluation reads; kept apart from the machine so that snapshots, tests and other views can be asked the same way. */
export type ReadMemory = (address: bigint, length: number) => Uint8Array | undefined;

export const cannotAccess = (address: bigint): UsageError =>
  new UsageError(`Cannot access memory at address ${hex(address)}`);

/** A bound for one value, as gdb's max-value-size. */
export const MOST_VALUE_BYTES = 65536;

export function valueAt(type: CType, address: bigint, read: ReadMemory): Value {
  const size = sizeOf(type);
  const load = (): Uint8Array => {
    if (size > MOST_VALUE_BYTES)
      throw new UsageError(`value requires ${size} bytes, which is more than ${MOST_VALUE_BYTES}`);
    const bytes = read(address, size);
    if (bytes !== undefined) return bytes;
    // The first byte that is not there, as gdb says.
    let first = 0;
    while (first < size && read(address, first + 1) !== undefined) first++;
    throw cannotAccess(BigInt.asUintN(64, address + BigInt(first)));
  };
  return new Value(type, load, { kind: 'memory', address });
}

export const integerValue = (type: CType, value: bigint): Value => new Value(type, bytesOfInteger(value, sizeOf(type)));

export function bytesOfInteger(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}

export function integerOfBytes(bytes: Uint8Array, signed: boolean): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return signed ? BigInt.asIntN(bytes.length * 8, value) : value;
}

/** The number that a scalar is; of an array or a symbol, its address; of a floating-point value, its whole part. */
export function asInteger(value: Value): bigint {
  const { type } = value;
  switch (type.kind) {
    case 'int':
      return integerOfBytes(value.bytes, type.signed);
    case 'pointer':
    case 'flags':
      return integerOfBytes(value.bytes, false);
    case 'float': {
      const number = asNumber(value);
      if (!Number.isFinite(number)) throw new UsageError(`${number} is not an integer.`);
      return BigInt(Math.trunc(number));
    }
    case 'array':
    case 'text':
      if (value.address !== undefined) return value.address;
      throw new UsageError('Attempt to take address of value not located in memory.');
    default:
      throw new UsageError(`Value of type ${typeName(type)} can't be converted to integer.`);
  }
}

/** As a double; what x87 holds beyond its 53 bits is rounded. */
export function asNumber(value: Value): number {
  const { type, bytes } = value;
  if (type.kind !== 'float') return Number(asInteger(value));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type.size === 4) return view.getFloat32(0, true);
  if (type.size === 8) return view.getFloat64(0, true);
  const { exponentBits, fractionBits, hasIntegerBit } = type.format;
  const bits = integerOfBytes(bytes.subarray(0, 10), false);
  const fraction = bits & ((1n << BigInt(fractionBits)) - 1n);
  const stored = hasIntegerBit ? fractionBits + 1 : fractionBits;
  const exponent = Number((bits >> BigInt(stored)) & ((1n << BigInt(exponentBits)) - 1n));
  const sign = (bits >> BigInt(stored + exponentBits)) & 1n ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0n ? sign * Infinity : Number.NaN;
  const bias = 2 ** (exponentBits - 1) - 1;
  const lead = hasIntegerBit ? Number((bits >> BigInt(fractionBits)) & 1n) : exponent === 0 ? 0 : 1;
  return sign * (lead + Number(fraction) / 2 ** fractionBits) * 2 ** (Math.max(exponent, 1) - bias);
}

export function floatBytes(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setFloat32(0, value, true);
  else if (size === 8) view.setFloat64(0, value, true);
  else {
    // x87: the double's fraction at the top of 64 bits, with its leading bit.
    view.setFloat64(0, value, true);
    const bits = view.getBigUint64(0, true);
    const exponent = Number((bits >> 52n) & 0x7ffn);
    const fraction = bits & ((1n << 52n) - 1n);
    const sign = Number(bits >> 63n) << 15;
    let mantissa = (exponent === 0 ? 0n : 1n << 63n) | (fraction << 11n);
    let wide = exponent === 0 ? 0 : exponent === 0x7ff ? 0x7fff : exponent - 1023 + 16383;
    if (exponent === 0 && fraction !== 0n) {
      wide = 1 - 1023 + 16383;
      while ((mantissa & (1n << 63n)) === 0n) {
        mantissa <<= 1n;
        wide--;
      }
    }
    view.setBigUint64(0, mantissa, true);
    view.setUint16(8, sign | wide, true);
  }
  return bytes;
}
