/**
 * Evaluates expressions on one task's registers and memory, with C's conversions and gdb's words for what goes wrong. The
 * tree is from parse.ts; what it is evaluated on is a `Scope`.
 */
import { s64, u64 } from '../../base/ints.ts';
import { UsageError, unreachable } from '../../base/invariant.ts';
import { arithmetic, convert, isZero } from './arithmetic.ts';
import { type Expression, parseExpression } from './parse.ts';
import {
  arrayOf,
  CHAR,
  type CType,
  DATA,
  INT,
  LONG,
  type PointerType,
  pointerTo,
  sizeOf,
  TEXT,
  typeName,
  VOID,
} from './types.ts';
import { asInteger, floatBytes, integerValue, type ReadMemory, Value, valueAt } from './values.ts';

/** A symbol, as a scope finds it by name or address. */
export interface PlacedSymbol {
  readonly name: string;
  readonly address: bigint;
  /** 0: unknown. */
  readonly sizeBytes: number;
  /** It is in memory that can be executed. */
  readonly isText: boolean;
}

/** What an expression can ask for and change. */
export interface Scope {
  readonly read: ReadMemory;
  /** By gdb's name without `$`; undefined: no such register. Throws UsageError where there are no registers now. */
  register(name: string): Value | undefined;
  findSymbol(name: string): PlacedSymbol | undefined;
  symbolAt(address: bigint): { readonly symbol: PlacedSymbol; readonly offset: number } | undefined;
  /** Convenience variables, by name without `$`. */
  readonly variables: Map<string, Value>;
  /** What `print` has shown: `$1` is the first. */
  readonly history: readonly Value[];
  /** Throw UsageError where nothing can be changed. */
  writeMemory(address: bigint, bytes: Uint8Array): void;
  writeRegister(name: string, bytes: Uint8Array): void;
  warn(text: string): void;
}

export const VOID_VALUE = new Value(VOID, new Uint8Array(0));

/** Throws UsageError with gdb's words. */
export function evaluate(text: string, scope: Scope): Value {
  return evaluateTree(
    parseExpression(text, (name) => scope.findSymbol(name) !== undefined),
    scope,
  );
}

/** A value to be shown or to be an address: a symbol without a type has none. Throws UsageError. */
export function evaluateKnown(text: string, scope: Scope): Value {
  const tree = parseExpression(text, (name) => scope.findSymbol(name) !== undefined);
  const value = evaluateTree(tree, scope);
  return tree.kind === 'symbol' ? known(value, tree.name) : value;
}

/** The address that an expression gives: what is in memory, if it is code or an array, else its value. */
export function evaluateAddress(text: string, scope: Scope): bigint {
  return u64(asInteger(evaluateKnown(text, scope)));
}

export function evaluateTree(tree: Expression, scope: Scope): Value {
  const eager = (part: Expression): Value => known(evaluateTree(part, scope), part.kind === 'symbol' ? part.name : '');
  switch (tree.kind) {
    case 'int':
      return integerValue(tree.type, tree.value);
    case 'float':
      return new Value(tree.type, floatBytes(tree.value, sizeOf(tree.type)));
    case 'string':
      return new Value(arrayOf(CHAR, tree.bytes.length + 1), Uint8Array.of(...tree.bytes, 0));
    case 'symbol': {
      const symbol = scope.findSymbol(tree.name);
      if (symbol === undefined) throw new UsageError(`No symbol "${tree.name}" in current context.`);
      return valueAt(symbol.isText ? TEXT : DATA, symbol.address, scope.read);
    }
    case 'dollar':
      return dollar(tree.name.slice(1), scope);
    case 'unary':
      return unary(tree.op, tree.operand, eager, scope);
    case 'step': {
      const before = eager(tree.operand);
      const after = arithmetic(tree.op[0], before, integerValue(INT, 1n), scope.warn);
      const stored = assign(before, after, scope);
      return tree.isPrefix ? stored : new Value(before.type, before.bytes);
    }
    case 'binary':
      return binary(tree.op, tree.left, tree.right, eager, scope);
    case 'assign': {
      const left = evaluateTree(tree.left, scope);
      const right = eager(tree.right);
      if (tree.op === '=') return assign(left, right, scope);
      return assign(left, arithmetic(tree.op.slice(0, -1), left, right, scope.warn), scope);
    }
    case 'choose':
      return isZero(eager(tree.test)) ? eager(tree.no) : eager(tree.yes);
    case 'cast':
      return cast(tree.type, evaluateTree(tree.operand, scope), scope);
    case 'at':
      return valueAt(tree.type, addressOf(eager(tree.operand)), scope.read);
    case 'index':
      return element(eager(tree.operand), eager(tree.index), scope);
    case 'member':
      return member(eager(tree.operand), tree.name);
    case 'sizeof':
      return integerValue(INT, BigInt(sizeOf(typeOf(tree.operand, scope))));
    case 'type':
      throw new UsageError('Attempt to use a type name as an expression');
    default:
      unreachable(tree);
  }
}

/** Of an expression, or the type that it names. */
export const typeOf = (tree: Expression, scope: Scope): CType =>
  tree.kind === 'type' ? tree.type : evaluateTree(tree, scope).type;

/** Data without a type has no value. */
function known(value: Value, name: string): Value {
  if (value.type.kind === 'data')
    throw new UsageError(`'${name || 'this'}' has unknown type; cast it to its declared type`);
  return value;
}

/** `$1`, `$`, `$$`, `$$2`: history; else a convenience variable, or a register. */
function dollar(name: string, scope: Scope): Value {
  const { history } = scope;
  const recent = /^(\$*)(\d*)$/.exec(name);
  if (recent !== null || name === '') {
    const digits = recent?.[2] ?? '';
    const isBack = name.startsWith('$');
    if (digits === '' || isBack) {
      const back = isBack ? (digits === '' ? 1 : Number(digits)) : 0;
      return history[history.length - 1 - back] ?? VOID_VALUE;
    }
    const found = digits === '0' ? history.at(-1) : history[Number(digits) - 1];
    if (found === undefined) throw new UsageError(`History has not yet reached $${digits}.`);
    return found;
  }
  const variable = scope.variables.get(name);
  if (variable !== undefined) return withVariable(variable, name);
  return scope.register(name) ?? new Value(VOID, new Uint8Array(0), { kind: 'variable', name });
}

/** What is in memory stays there (`$_`, `$__` are read anew); everything else belongs to the variable. */
const withVariable = (value: Value, name: string): Value =>
  value.address !== undefined ? value : new Value(value.type, value.bytes, { kind: 'variable', name });

function unary(op: string, operand: Expression, eager: (part: Expression) => Value, scope: Scope): Value {
  if (op === '&') {
    const value = evaluateTree(operand, scope);
    if (value.address === undefined) throw new UsageError('Attempt to take address of value not located in memory.');
    return integerValue(pointerTo(value.type), value.address);
  }
  const value = eager(operand);
  switch (op) {
    case '*': {
      if (value.type.kind === 'text') return value;
      if (value.type.kind === 'pointer') {
        const { target } = value.type;
        if (target.kind === 'void') throw new UsageError('Attempt to take contents of a non-pointer value.');
        return valueAt(target.kind === 'function' ? TEXT : target, asInteger(value), scope.read);
      }
      if (value.type.kind === 'array') return valueAt(value.type.element, addressOf(value), scope.read);
      if (value.type.kind !== 'int') throw new UsageError('Attempt to take contents of a non-pointer value.');
      return valueAt(LONG, u64(asInteger(value)), scope.read);
    }
    case '!':
      return integerValue(INT, isZero(value) ? 1n : 0n);
    case '-':
      if (value.type.kind === 'int') return arithmetic('-', integerValue(INT, 0n), value, scope.warn);
      if (value.type.kind === 'float') return arithmetic('*', integerValue(INT, -1n), value, scope.warn);
      throw new UsageError('Argument to negate operation not a number.');
    case '+':
      if (value.type.kind !== 'int' && value.type.kind !== 'float')
        throw new UsageError('Argument to positive operation not a number.');
      return arithmetic('+', value, integerValue(INT, 0n), scope.warn);
    default:
      if (value.type.kind !== 'int') throw new UsageError('Argument to complement operation not an integer, boolean.');
      return arithmetic('^', value, integerValue(INT, -1n), scope.warn);
  }
}

function binary(
  op: string,
  leftPart: Expression,
  rightPart: Expression,
  eager: (part: Expression) => Value,
  scope: Scope,
): Value {
  if (op === '&&' || op === '||') {
    const first = isZero(eager(leftPart));
    const result = first === (op === '&&') ? first : isZero(eager(rightPart));
    return integerValue(INT, result ? 0n : 1n);
  }
  const left = eager(leftPart);
  const right = eager(rightPart);
  if (op === ',') return right;
  if (op !== '@') return arithmetic(op, left, right, scope.warn);
  const count = asInteger(right);
  if (count <= 0n) throw new UsageError(`Invalid number ${count} of repetitions.`);
  if (left.address === undefined) throw new UsageError("Only values in memory can be extended with '@'.");
  return valueAt(arrayOf(left.type, Number(s64(count))), left.address, scope.read);
}

/** Of a symbol without a type a cast reads the memory that it names, as gdb does. */
function cast(type: CType, value: Value, scope: Scope): Value {
  if (value.type.kind === 'data') return valueAt(type, addressOf(value), scope.read);
  return convert(type, value);
}

/** Of an array in a register, as of one in memory. */
function element(value: Value, index: Value, scope: Scope): Value {
  const { type } = value;
  if (type.kind !== 'array' || value.address !== undefined) {
    if (type.kind !== 'array' && type.kind !== 'pointer')
      throw new UsageError('cannot subscript something of type `' + typeName(type) + "'");
    const sum = arithmetic('+', value, index, scope.warn);
    return valueAt((sum.type as PointerType).target, asInteger(sum), scope.read);
  }
  const at = asInteger(index);
  if (at < 0n || at >= BigInt(type.count)) throw new UsageError(`no such vector element`);
  const size = sizeOf(type.element);
  const { place } = value;
  const offset = Number(at) * size;
  const part = place?.kind === 'register' ? { ...place, offset: (place.offset ?? 0) + offset } : undefined;
  return new Value(type.element, value.bytes.subarray(offset, offset + size), part);
}

function member(value: Value, name: string): Value {
  const { type } = value;
  if (type.kind !== 'union') throw new UsageError('Attempt to extract a component of a value that is not a structure.');
  const found = type.members.find((candidate) => candidate.name === name);
  if (found === undefined) throw new UsageError(`There is no member named ${name}.`);
  return new Value(found.type, value.bytes.subarray(0, sizeOf(found.type)), value.place);
}

function assign(left: Value, right: Value, scope: Scope): Value {
  const { place } = left;
  if (place === undefined) throw new UsageError('Left operand of assignment is not an lvalue.');
  if (place.kind === 'variable') {
    const stored = new Value(right.type, right.bytes);
    scope.variables.set(place.name, stored);
    return stored;
  }
  const converted = convert(left.type, right);
  if (place.kind === 'memory') scope.writeMemory(place.address, converted.bytes);
  else scope.writeRegister(place.name, wholeRegister(place.name, place.offset ?? 0, converted.bytes, scope));
  return new Value(left.type, converted.bytes, place);
}

/** A part of a register is written with what is around it. */
function wholeRegister(name: string, offset: number, part: Uint8Array, scope: Scope): Uint8Array {
  const whole = scope.register(name)?.bytes.slice() ?? part;
  if (part.length >= whole.length) return part;
  whole.set(part, offset);
  return whole;
}

function addressOf(value: Value): bigint {
  if (value.type.kind === 'data' || value.type.kind === 'array' || value.type.kind === 'text') {
    if (value.address === undefined) throw new UsageError('Attempt to take address of value not located in memory.');
    return value.address;
  }
  return u64(asInteger(value));
}
