/**
 * C's operators and conversions on values: integer promotion, the usual conversions, steps of pointers. gdb's words for
 * what cannot be done.
 */
import { UsageError } from '../../base/invariant.ts';
import { type CType, DOUBLE, FLOAT, INT, LONG, LONG_DOUBLE, sizeOf, UNSIGNED_INT, UNSIGNED_LONG } from './types.ts';
import { asInteger, asNumber, bytesOfInteger, floatBytes, integerValue, Value } from './values.ts';

type Warn = (text: string) => void;

const COMPARISONS = new Set(['==', '!=', '<', '>', '<=', '>=']);

/** A pointer's target, where code that only its address stands for counts as one byte. */
function stepOf(type: CType): number | undefined {
  if (type.kind === 'pointer') {
    if (type.target.kind === 'data')
      throw new UsageError(
        'Cannot perform pointer math on incomplete type "<data variable, no debug info>", try casting to a known type, or void *.',
      );
    return sizeOf(type.target);
  }
  return type.kind === 'array' ? sizeOf(type.element) : type.kind === 'text' ? 1 : undefined;
}

const isPointerLike = ({ kind }: CType): boolean => kind === 'pointer' || kind === 'array' || kind === 'text';

/** An array or code as a pointer. */
function decayed(type: CType): CType {
  if (type.kind === 'array') return { kind: 'pointer', target: type.element };
  return type.kind === 'text' ? { kind: 'pointer', target: type } : type;
}

export function arithmetic(op: string, left: Value, right: Value, warn: Warn): Value {
  if (COMPARISONS.has(op)) return integerValue(INT, compare(op, left, right) ? 1n : 0n);
  const [a, b] = [left.type, right.type];
  if (isPointerLike(a) || isPointerLike(b)) return pointerArithmetic(op, left, right, warn);
  if (a.kind === 'float' || b.kind === 'float') return floatArithmetic(op, left, right);
  const type = commonInteger(a, b);
  const bits = sizeOf(type) * 8;
  const signed = type.kind === 'int' && type.signed;
  const wrap = (value: bigint): bigint => (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
  const [x, y] = [wrap(asInteger(left)), wrap(asInteger(right))];
  return integerValue(type, integerResult(op, x, y, bits, warn));
}

function integerResult(op: string, x: bigint, y: bigint, bits: number, warn: Warn): bigint {
  switch (op) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
    case '%':
      if (y === 0n) throw new UsageError('Division by zero');
      return op === '/' ? x / y : x % y;
    case '&':
      return x & y;
    case '|':
      return x | y;
    case '^':
      return x ^ y;
    case '<<':
    case '>>': {
      const name = op === '<<' ? 'left' : 'right';
      if (y < 0n) warn(`warning: ${name} shift count is negative`);
      else if (y >= BigInt(bits)) warn(`warning: ${name} shift count >= width of type`);
      else return op === '<<' ? x << y : x >> y;
      return op === '>>' && x < 0n ? -1n : 0n;
    }
    default:
      throw new UsageError(`Operator ${op} is not one of integers.`);
  }
}

function floatArithmetic(op: string, left: Value, right: Value): Value {
  const [x, y] = [asNumber(left), asNumber(right)];
  const type = commonFloat(left.type, right.type);
  const result = { '+': x + y, '-': x - y, '*': x * y, '/': x / y }[op];
  if (result === undefined) throw new UsageError('Integer-only operation on floating point number.');
  const bytes = floatBytes(result, sizeOf(type));
  // What SSE and x87 make of 0/0 is the default NaN, which is negative.
  if (Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y)) bytes[bytes.length - 1] |= 0x80;
  return new Value(type, bytes);
}

function pointerArithmetic(op: string, left: Value, right: Value, warn: Warn): Value {
  const [a, b] = [left.type, right.type];
  if (op === '-' && isPointerLike(a) && isPointerLike(b)) {
    const isUnknown = a.kind === 'pointer' && a.target.kind === 'data';
    if (isUnknown) warn('warning: Type size unknown, assuming 1. Try casting to a known type, or void *.');
    const size = isUnknown ? 1 : stepOf(a)!;
    return integerValue(LONG, BigInt.asIntN(64, asInteger(left) - asInteger(right)) / BigInt(size));
  }
  const [pointer, offset] = isPointerLike(a) ? [left, right] : [right, left];
  const canStep = offset.type.kind === 'int' && (op === '+' || (op === '-' && pointer === left));
  if (canStep) {
    const distance = asInteger(offset) * BigInt(stepOf(pointer.type)!);
    return integerValue(decayed(pointer.type), asInteger(pointer) + (op === '+' ? distance : -distance));
  }
  throw new UsageError('Argument to arithmetic operation not a number or boolean.');
}

function compare(op: string, left: Value, right: Value): boolean {
  let order: number;
  if (left.type.kind === 'float' || right.type.kind === 'float') {
    const [x, y] = [asNumber(left), asNumber(right)];
    if (Number.isNaN(x) || Number.isNaN(y)) return op === '!=';
    order = x < y ? -1 : x > y ? 1 : 0;
  } else {
    const type =
      isPointerLike(left.type) || isPointerLike(right.type) ? UNSIGNED_LONG : commonInteger(left.type, right.type);
    const bits = sizeOf(type) * 8;
    const signed = type.kind === 'int' && type.signed;
    const [x, y] = [left, right].map((value) =>
      signed ? BigInt.asIntN(bits, asInteger(value)) : BigInt.asUintN(bits, asInteger(value)),
    );
    order = x < y ? -1 : x > y ? 1 : 0;
  }
  switch (op) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    default:
      return order >= 0;
  }
}

/** The usual arithmetic conversions, after promotion to int. */
function commonInteger(a: CType, b: CType): CType {
  for (const type of [a, b])
    if (type.kind !== 'int' && type.kind !== 'flags')
      throw new UsageError('Argument to arithmetic operation not a number or boolean.');
  const size = Math.max(4, sizeOf(a), sizeOf(b));
  if (size > 8) throw new UsageError('That operation is not available on integers of more than 8 bytes.');
  const isUnsigned = [a, b].some((type) => sizeOf(type) === size && type.kind === 'int' && !type.signed);
  if (size === 4) return isUnsigned ? UNSIGNED_INT : INT;
  return isUnsigned ? UNSIGNED_LONG : LONG;
}

/** float with float, or with an integer no longer than it, stays one. */
function commonFloat(a: CType, b: CType): CType {
  const floats = [a, b].filter(({ kind }) => kind === 'float');
  const size = Math.max(...floats.map(sizeOf));
  if (size > 8) return LONG_DOUBLE;
  if (size > 4) return DOUBLE;
  return [a, b].every((type) => sizeOf(type) <= 4) ? FLOAT : DOUBLE;
}

export function isZero(value: Value): boolean {
  return value.type.kind === 'float' ? asNumber(value) === 0 : asInteger(value) === 0n;
}

/** A value as another type, as a cast or an assignment does it. */
export function convert(type: CType, value: Value): Value {
  if (type === value.type) return value;
  if (type.kind === 'void') return new Value(type, new Uint8Array(0));
  if (type.kind === 'float') return new Value(type, floatBytes(asNumber(value), sizeOf(type)));
  if (type.kind === 'int' || type.kind === 'pointer' || type.kind === 'flags') {
    if (value.type.kind === 'union') throw new UsageError('Invalid cast.');
    return new Value(type, bytesOfInteger(asInteger(value), sizeOf(type)));
  }
  if (sizeOf(type) === sizeOf(value.type)) return new Value(type, value.bytes, value.place);
  throw new UsageError('Invalid cast.');
}
