/**
 * `x/NFU ADDRESS`: memory in units of a size and a format, as rows that a renderer lines up; and what the next bare `x`
 * goes on with. Instructions are left to the caller, who has a disassembler.
 */
import { UsageError } from '../../base/invariant.ts';
import type { Scope } from './evaluate.ts';
import { describeSymbol, type Format, formatScalar, isFormat } from './format.ts';
import { describeString, readString } from './strings.ts';
import { arrayOf, CHAR, type CType, DOUBLE, FLOAT, INT8, SIZED_INTS, sizeOf } from './types.ts';
import { cannotAccess, type Value, valueAt } from './values.ts';

export type Unit = 'b' | 'h' | 'w' | 'g';
export const UNIT_BYTES: Readonly<Record<Unit, number>> = { b: 1, h: 2, w: 4, g: 8 };
/** Units in a row. */
const PER_ROW: Readonly<Record<Unit, number>> = { b: 8, h: 8, w: 4, g: 2 };

/** What `x`, `print` and `display` are told behind the slash. */
export interface FormatSpec {
  /** Negative: backwards from the address. */
  readonly count: number;
  readonly format: Format | 'i';
  readonly unit: Unit | undefined;
}

/** What `x` begins with: as gdb, hexadecimal words. A bare one has the count of the last. */
export const FIRST_SPEC: FormatSpec = { count: 1, format: 'x', unit: 'w' };

/** `4xw`, `i`, `-2gx`: letters in any order; what is left out is as in `last`. */
export function parseFormatSpec(text: string, last: FormatSpec): FormatSpec {
  if (text === '') return last;
  const [, digits, letters] = /^(-?\d*)(.*)$/s.exec(text)!;
  const count = digits === '' || digits === '-' ? (digits === '-' ? -1 : 1) : Number(digits);
  if (!Number.isSafeInteger(count) || Math.abs(count) > 1 << 20) throw new UsageError('Too many units.');
  let format: FormatSpec['format'] | undefined;
  let unit: Unit | undefined;
  for (const letter of letters) {
    if (letter in UNIT_BYTES) unit = letter as Unit;
    else if (letter === 'i' || isFormat(letter)) format = letter;
    else throw new UsageError(`Undefined output format "${letter}".`);
  }
  return {
    count,
    format: format ?? last.format,
    unit: unit ?? unitFor(format ?? last.format, last, format === undefined),
  };
}

/** The unit where none is given: gdb's default_format. */
function unitFor(format: FormatSpec['format'], last: FormatSpec, isSame: boolean): Unit | undefined {
  switch (format) {
    case 'a':
      return 'g';
    case 'f':
      return last.unit === 'w' || last.unit === 'g' ? last.unit : 'g';
    case 'c':
      return isSame ? last.unit : 'b';
    case 's':
      return undefined;
    default:
      return last.unit ?? 'b';
  }
}

export interface MemoryRow {
  readonly address: bigint;
  /** `<numbers+4>`, or empty. */
  readonly symbol: string;
  readonly cells: readonly string[];
  /** The row ends here, since this cannot be read. */
  readonly error: string | undefined;
}

export interface Examined {
  readonly rows: readonly MemoryRow[];
  readonly next: bigint;
  /** The last unit: `$__`, and its address `$_`. */
  readonly last: Value | undefined;
}

/** Throws nothing for memory that is not there: the rows say so. */
export function examine(spec: FormatSpec, address: bigint, scope: Scope): Examined {
  if (spec.format === 's') return examineStrings(spec, address, scope);
  const unit = spec.unit ?? 'w';
  const size = UNIT_BYTES[unit];
  const count = Math.abs(spec.count);
  const start = spec.count < 0 ? BigInt.asUintN(64, address - BigInt(count * size)) : address;
  const type = typeOf(spec.format as Format, unit);
  const rows: MemoryRow[] = [];
  let last: Value | undefined;
  for (let done = 0; done < count; ) {
    const cells: string[] = [];
    const rowAddress = BigInt.asUintN(64, start + BigInt(done * size));
    let error: string | undefined;
    while (cells.length < PER_ROW[unit] && done < count) {
      const at = BigInt.asUintN(64, start + BigInt(done * size));
      if (scope.read(at, size) === undefined) {
        error = cannotAccess(at).message;
        break;
      }
      last = valueAt(type, at, scope.read);
      cells.push(formatCell(last, spec.format as Format, scope));
      done++;
    }
    rows.push({ address: rowAddress, symbol: describeSymbol(rowAddress, scope), cells, error });
    if (error !== undefined) break;
  }
  return { rows, next: spec.count < 0 ? start : start + BigInt(count * size), last };
}

/** Hexadecimal and binary with their zeros, unlike `print`. */
function formatCell(value: Value, format: Format, scope: Scope): string {
  if (format === 'x') return formatScalar(value, scope, 'z');
  const text = formatScalar(value, scope, format);
  return format === 't' ? text.padStart(sizeOf(value.type) * 8, '0') : text;
}

function typeOf(format: Format, unit: Unit): CType {
  if (format === 'f' && unit === 'w') return FLOAT;
  if (format === 'f' && unit === 'g') return DOUBLE;
  return SIZED_INTS[UNIT_BYTES[unit]] ?? INT8;
}

function examineStrings(spec: FormatSpec, address: bigint, scope: Scope): Examined {
  if (spec.count < 0) throw new UsageError('Strings cannot be examined backwards here.');
  const rows: MemoryRow[] = [];
  let at = address;
  let last: Value | undefined;
  for (let i = 0; i < spec.count; i++) {
    const { bytes, next, isCut, unreadable } = readString(at, scope.read);
    const error = unreadable === undefined ? undefined : cannotAccess(unreadable).message;
    const isNothing = error !== undefined && bytes.length === 0;
    const cell = isNothing ? `<error: ${error}>` : describeString(bytes, isCut);
    rows.push({ address: at, symbol: describeSymbol(at, scope), cells: [cell], error: undefined });
    last = isNothing ? undefined : valueAt(arrayOf(CHAR, bytes.length + (isCut ? 0 : 1)), at, scope.read);
    if (isNothing) {
      at += 1n;
      continue;
    }
    at = next;
  }
  return { rows, next: at, last };
}
