/**
 * The types of the debugger's expressions: C's integers, floating-point numbers, pointers and arrays, what registers are
 * (unions of vectors, sets of flags), and symbols of which only the place is known. Their names are those gdb prints.
 */
export interface IntType {
  readonly kind: 'int';
  readonly name: string;
  readonly size: number;
  readonly signed: boolean;
  /** A number of this type is a character, too, and an array of them is a string. */
  readonly isChar: boolean;
}
export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly size: number;
  readonly format: FloatFormat;
}
export interface PointerType {
  readonly kind: 'pointer';
  readonly target: CType;
}
export interface ArrayType {
  readonly kind: 'array';
  readonly element: CType;
  readonly count: number;
}
/** All members begin at the first byte. */
export interface UnionType {
  readonly kind: 'union';
  readonly name: string;
  readonly size: number;
  readonly members: readonly { readonly name: string; readonly type: CType }[];
}
/** Bits with names, by bit number; bits without one are not shown. */
export interface FlagsType {
  readonly kind: 'flags';
  readonly name: string;
  readonly size: number;
  readonly bits: readonly (readonly [bit: number, name: string])[];
}
export type CType =
  | IntType
  | FloatType
  | PointerType
  | ArrayType
  | UnionType
  | FlagsType
  | { readonly kind: 'void' }
  | { readonly kind: 'function' }
  /** A symbol without debugging information: code, or data of some type. */
  | { readonly kind: 'text' | 'data' };

/** Where the parts of a floating-point number are. `hasIntegerBit`: of x87, which stores the leading 1. */
export interface FloatFormat {
  readonly exponentBits: number;
  readonly fractionBits: number;
  readonly hasIntegerBit: boolean;
}

const int = (name: string, size: number, signed: boolean, isChar = false): IntType => ({
  kind: 'int',
  name,
  size,
  signed,
  isChar,
});
const float = (name: string, size: number, exponentBits: number, fractionBits: number): FloatType => ({
  kind: 'float',
  name,
  size,
  format: { exponentBits, fractionBits, hasIntegerBit: size > 8 },
});

export const VOID: CType = { kind: 'void' };
export const FUNCTION: CType = { kind: 'function' };
export const TEXT: CType = { kind: 'text' };
export const DATA: CType = { kind: 'data' };
export const CHAR = int('char', 1, true, true);
export const UNSIGNED_CHAR = int('unsigned char', 1, false, true);
export const INT = int('int', 4, true);
export const UNSIGNED_INT = int('unsigned int', 4, false);
export const LONG = int('long', 8, true);
export const UNSIGNED_LONG = int('unsigned long', 8, false);
export const FLOAT = float('float', 4, 8, 23);
export const DOUBLE = float('double', 8, 11, 52);
export const LONG_DOUBLE = float('long double', 16, 15, 63);
export const HALF = float('half', 2, 5, 10);
export const BFLOAT16 = float('bfloat16', 2, 8, 7);
export const I387_EXT = float('builtin_type_i387_ext', 10, 15, 63);
export const INT8 = int('int8_t', 1, true);
export const INT16 = int('int16_t', 2, true);
export const INT32 = int('int32_t', 4, true);
export const INT64 = int('int64_t', 8, true);
export const UINT128 = int('uint128_t', 16, false);
export const INT128 = int('int128_t', 16, true);
export const DATA_POINTER: PointerType = { kind: 'pointer', target: VOID };
export const CODE_POINTER: PointerType = { kind: 'pointer', target: FUNCTION };

/** Integers of so many bytes, as `x` reads them. */
export const SIZED_INTS: Readonly<Record<number, IntType>> = { 1: INT8, 2: INT16, 4: INT32, 8: INT64 };

/** Base types by the name that their words make, in the order of `canonicalWords`. */
const NAMED: ReadonlyMap<string, CType> = new Map<string, CType>([
  ...[CHAR, UNSIGNED_CHAR, INT, LONG, UNSIGNED_INT, UNSIGNED_LONG, FLOAT, DOUBLE, LONG_DOUBLE].map(
    (type) => [type.name, type] as const,
  ),
  ...[INT8, INT16, INT32, INT64].map((type) => [type.name, type] as const),
  ...[INT8, INT16, INT32, INT64].map(({ name, size }) => [`u${name}`, int(`u${name}`, size, false)] as const),
  ['void', VOID],
  ['signed char', int('signed char', 1, true, true)],
  ['short', int('short', 2, true)],
  ['unsigned short', int('unsigned short', 2, false)],
  ['long long', int('long long', 8, true)],
  ['unsigned long long', int('unsigned long long', 8, false)],
  ['size_t', int('size_t', 8, false)],
  ['uintptr_t', int('uintptr_t', 8, false)],
  ['bool', int('bool', 1, false)],
]);

const WORDS = new Set(['char', 'short', 'int', 'long', 'signed', 'unsigned', 'float', 'double', 'void']);

/** Whether a word can begin the name of a type. */
export const isTypeWord = (word: string): boolean => WORDS.has(word) || NAMED.has(word);

/** The type that words such as `unsigned`, `long`, `int` name; undefined: none. */
export function namedType(words: readonly string[]): CType | undefined {
  if (words.length === 1 && NAMED.has(words[0])) return NAMED.get(words[0]);
  if (words.some((word) => !WORDS.has(word))) return undefined;
  const count = (word: string): number => words.filter((other) => other === word).length;
  const signs = count('signed') + count('unsigned');
  const base = words.filter((word) => word !== 'signed' && word !== 'unsigned');
  const sizes = base.filter((word) => word !== 'int').sort();
  if (signs > 1 || count('int') > 1 || (count('int') > 0 && sizes.some((word) => word !== 'long' && word !== 'short')))
    return undefined;
  const sign = count('unsigned') > 0 ? 'unsigned ' : count('signed') > 0 && sizes[0] === 'char' ? 'signed ' : '';
  // `sort` puts `double` before `long`.
  const name = sizes.join(' ') === 'double long' ? 'long double' : sizes.join(' ') || 'int';
  return NAMED.get(sign + name);
}

export const pointerTo = (target: CType): PointerType => ({ kind: 'pointer', target });
export const arrayOf = (element: CType, count: number): ArrayType => ({ kind: 'array', element, count });

/** Bytes of a value; for what has no size, 1, as gdb steps over it. */
export function sizeOf(type: CType): number {
  switch (type.kind) {
    case 'pointer':
      return 8;
    case 'array':
      return type.count * sizeOf(type.element);
    case 'void':
    case 'function':
    case 'text':
    case 'data':
      return 1;
    default:
      return type.size;
  }
}

/** `int`, `char *`, `int (*)[4]`, `<data variable, no debug info> *`. */
export function typeName(type: CType, inner = ''): string {
  switch (type.kind) {
    case 'pointer':
      return typeName(type.target, type.target.kind === 'array' ? `(*${inner})` : `*${inner}`);
    case 'array':
      return typeName(type.element, `${inner}[${type.count}]`);
    case 'function':
      return inner === '' ? 'void (void)' : `void (${inner})()`;
    case 'text':
    case 'data':
      return withInner(`<${type.kind} variable, no debug info>`, inner);
    case 'void':
      return withInner('void', inner);
    default:
      return withInner(type.name, inner);
  }
}

const withInner = (name: string, inner: string): string => (inner === '' ? name : `${name} ${inner}`);
