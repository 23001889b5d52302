/**
 * Values -> text, as gdb's `print` shows them: by their type, or by a format letter (x d u o t z a c f s).
 */
import { hex, u64 } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import type { Scope } from './evaluate.ts';
import { describeFloat } from './float-text.ts';
import { describeCharacter, describeCharacters, describeStringAt, MOST_ELEMENTS, REPEATS } from './strings.ts';
import { type CType, DOUBLE, FLOAT, HALF, I387_EXT, sizeOf, typeName } from './types.ts';
import { asInteger, integerOfBytes, Value } from './values.ts';

export type Format = 'x' | 'd' | 'u' | 'o' | 't' | 'z' | 'a' | 'c' | 'f' | 's';
export const FORMATS = 'xduotzacfs';
export const isFormat = (letter: string): letter is Format => letter.length === 1 && FORMATS.includes(letter);

/** `<main+4>`, or nothing where no symbol is near. */
export function describeSymbol(address: bigint, scope: Pick<Scope, 'symbolAt'>): string {
  const found = scope.symbolAt(address);
  if (found === undefined) return '';
  const { symbol, offset } = found;
  // Data of unknown size is named at its beginning only.
  if (offset > 0 && !symbol.isText && symbol.sizeBytes === 0) return '';
  return `<${symbol.name}${offset === 0 ? '' : `+${offset}`}>`;
}

/** `0x401004 <_start+4>`. */
export function describeAddress(address: bigint, scope: Pick<Scope, 'symbolAt'>): string {
  const symbol = describeSymbol(u64(address), scope);
  return hex(u64(address)) + (symbol === '' ? '' : ` ${symbol}`);
}

/** The whole of a value, as behind `$1 = `. */
export function formatValue(value: Value, scope: Scope, format?: Format): string {
  const { type } = value;
  if (format !== undefined && format !== 's') return formatted(value, scope, format);
  switch (type.kind) {
    case 'pointer': {
      const isPlainChar = type.target.kind === 'int' && type.target.name === 'char';
      return (isPlainChar ? '' : `(${typeName(type)}) `) + bare(value, scope);
    }
    case 'text':
      return `{${typeName(type)}} ${describeAddress(value.address ?? 0n, scope)}`;
    default:
      return bare(value, scope);
  }
}

/** Without the type in front: inside of arrays. */
function bare(value: Value, scope: Scope): string {
  const { type } = value;
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'data':
      return typeName(type);
    case 'text':
    case 'function':
      return formatValue(value, scope);
    case 'int': {
      const number = String(asInteger(value));
      return type.isChar ? `${number} ${describeCharacter(value.bytes[0])}` : number;
    }
    case 'float':
      return describeFloat(type, value.bytes);
    case 'flags': {
      const bits = asInteger(value);
      const names = type.bits.filter(([bit]) => bits & (1n << BigInt(bit))).map(([, name]) => name);
      return `[ ${names.map((name) => `${name} `).join('')}]`;
    }
    case 'pointer': {
      const address = asInteger(value);
      const text = describeAddress(address, scope);
      const isText = type.target.kind === 'int' && type.target.isChar;
      return isText && address !== 0n ? `${text} ${describeStringAt(address, scope.read)}` : text;
    }
    case 'array':
      if (type.element.kind === 'int' && type.element.isChar) return describeCharacters(value.bytes);
      return braces(elementsOf(value), (element) => bare(element, scope));
    case 'union':
      return members(value, (member) => bare(member, scope));
  }
}

/** By a letter: of arrays and unions each part. */
function formatted(value: Value, scope: Scope, format: Format): string {
  const { type } = value;
  switch (type.kind) {
    case 'array':
      return braces(elementsOf(value), (element) => formatted(element, scope, format));
    case 'union':
      return members(value, (member) => formatted(member, scope, format));
    case 'void':
      return 'void';
    case 'data':
      throw new UsageError('Cannot format a value of unknown type; cast it to its declared type');
    case 'text':
      return formatScalar(new Value(type, addressBytes(value)), scope, format);
    default:
      return formatScalar(value, scope, format);
  }
}

const addressBytes = (value: Value): Uint8Array => new Uint8Array(BigUint64Array.of(value.address ?? 0n).buffer);

/** One number by a letter; of a floating-point number most letters show the bits. */
export function formatScalar(value: Value, scope: Pick<Scope, 'symbolAt'>, format: Format): string {
  const { type } = value;
  const { bytes } = value;
  const isUnsigned = type.kind !== 'int' || !type.signed;
  const bits = integerOfBytes(bytes, false);
  switch (format) {
    case 'x':
      return `0x${bits.toString(16)}`;
    case 'z':
      return `0x${bits.toString(16).padStart(bytes.length * 2, '0')}`;
    case 'o':
      return bits === 0n ? '0' : `0${bits.toString(8)}`;
    case 't':
      return bits.toString(2);
    case 'u':
      return String(bits);
    case 'd':
    case 's':
      return String(BigInt.asIntN(bytes.length * 8, bits));
    case 'a':
      return describeAddress(numberOf(value), scope);
    case 'c': {
      const byte = Number(numberOf(value) & 255n);
      return `${isUnsigned && type.kind === 'int' ? byte : (byte << 24) >> 24} ${describeCharacter(byte)}`;
    }
    case 'f': {
      const float = type.kind === 'float' ? type : floatOfSize(bytes.length);
      return float === undefined ? String(isUnsigned ? bits : asInteger(value)) : describeFloat(float, bytes);
    }
  }
}

function numberOf(value: Value): bigint {
  const { type } = value;
  if (type.kind === 'float') return asInteger(value);
  return integerOfBytes(value.bytes, type.kind === 'int' && type.signed);
}

function floatOfSize(size: number): Extract<CType, { kind: 'float' }> | undefined {
  return [HALF, FLOAT, DOUBLE, I387_EXT].find((type) => type.size === size);
}

function elementsOf(value: Value): Value[] {
  const { type, bytes, address } = value;
  if (type.kind !== 'array') return [];
  const size = sizeOf(type.element);
  return Array.from({ length: type.count }, (_, i) => {
    const place = address === undefined ? undefined : { kind: 'memory' as const, address: address + BigInt(i * size) };
    return new Value(type.element, bytes.subarray(i * size, (i + 1) * size), place);
  });
}

/** `{1, 2, 0 <repeats 16 times>}`; what is beyond the first 200 is `...`. */
function braces(elements: readonly Value[], show: (element: Value) => string): string {
  const texts = elements.map(show);
  const parts: string[] = [];
  let shown = 0;
  let at = 0;
  for (; at < texts.length && shown < MOST_ELEMENTS; ) {
    let count = 1;
    while (texts[at + count] === texts[at] && sameBytes(elements[at], elements[at + count])) count++;
    if (count > REPEATS) {
      parts.push(`${texts[at]} <repeats ${count} times>`);
      at += count;
      shown += REPEATS;
    } else {
      parts.push(texts[at++]);
      shown++;
    }
  }
  return `{${parts.join(', ')}${at < texts.length ? '...' : ''}}`;
}

const sameBytes = (a: Value, b: Value): boolean => a.bytes.every((byte, i) => byte === b.bytes[i]);

/** `{v4_float = {1, 2, 3, 4}, uint128 = 5}`. */
function members(value: Value, show: (member: Value) => string): string {
  const { type, bytes } = value;
  if (type.kind !== 'union') return '';
  const parts = type.members.map((member) => {
    const part = new Value(member.type, bytes.subarray(0, sizeOf(member.type)));
    return `${member.name} = ${show(part)}`;
  });
  return `{${parts.join(', ')}}`;
}
