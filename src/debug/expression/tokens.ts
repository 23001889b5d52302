/**
 * The words of an expression: numbers, characters, strings, names, `$` names, operators. Errors have gdb's words.
 */
import { U64_MAX } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { CHAR, type CType, DOUBLE, FLOAT, INT, LONG, UNSIGNED_INT, UNSIGNED_LONG } from './types.ts';

export type Token =
  | { readonly kind: 'int'; readonly value: bigint; readonly type: CType; readonly at: number }
  | { readonly kind: 'float'; readonly value: number; readonly type: CType; readonly at: number }
  | { readonly kind: 'string'; readonly bytes: readonly number[]; readonly at: number }
  | { readonly kind: 'name' | 'quoted' | 'dollar' | 'op'; readonly text: string; readonly at: number };

const OPERATORS = [
  '<<=', '>>=', '&&', '||', '==', '!=', '<=', '>=', '<<', '>>', '++', '--', '+=', '-=', '*=', '/=', '%=', '&=', '|=',
  '^=', '->', '+', '-', '*', '/', '%', '&', '|', '^', '~', '!', '<', '>', '=', '?', ':', ',', '(', ')', '[', ']', '{',
  '}', '@', '.',
]; // biome-ignore format: the longer ones first
const SPACE = /\s*/y;
const NUMBER = /\.?\d(?:[eE][+-](?=\d)|[\w.])*/y;
const NAME = /[A-Za-z_][\w]*/y;
const DOLLAR = /\$[\w$]*/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(SPACE)!.length;
    if (at >= text.length) return tokens;
    const char = text[at];
    const word = match(NUMBER) ?? match(NAME) ?? match(DOLLAR);
    if (word !== undefined) {
      if (/[\d.]/.test(char)) tokens.push(numberToken(word, at));
      else tokens.push({ kind: char === '$' ? 'dollar' : 'name', text: word, at });
      at += word.length;
    } else if (char === "'" || char === '"') {
      const { token, end } = char === '"' ? stringToken(text, at) : characterToken(text, at);
      tokens.push(token);
      at = end;
    } else {
      const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at));
      if (operator === undefined) throw new UsageError(`Invalid character '${char}' in expression.`);
      tokens.push({ kind: 'op', text: operator, at });
      at += operator.length;
    }
  }
}

function numberToken(word: string, at: number): Token {
  const invalid = new UsageError(`Invalid number "${word}".`);
  const isHex = /^0x/i.test(word);
  if (!isHex && /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[fl]?$/i.test(word) && /[.e]|\df$/i.test(word)) {
    const isFloat = /f$/i.test(word);
    const value = Number(word.replace(/[fl]$/i, ''));
    return { kind: 'float', value, type: isFloat ? FLOAT : DOUBLE, at };
  }
  const parts = isHex ? /^(0x[\da-f]+)([ul]*)$/i.exec(word) : /^(0b[01]+|\d+)([ul]*)$/i.exec(word);
  if (parts === null) throw invalid;
  const isOctal = /^0\d/.test(parts[1]);
  if (isOctal && /[89]/.test(parts[1])) throw invalid;
  const value = BigInt(isOctal ? `0o${parts[1].slice(1)}` : parts[1].toLowerCase());
  if (value > U64_MAX) throw new UsageError('Numeric constant too large.');
  const isDecimal = /^[1-9]/.test(parts[1]);
  return { kind: 'int', value, type: typeOfConstant(value, isDecimal, parts[2].toLowerCase()), at };
}

/** C: the first of int, long (and, if not decimal, their unsigned ones) that holds it. */
function typeOfConstant(value: bigint, isDecimal: boolean, suffix: string): CType {
  const isUnsigned = suffix.includes('u');
  if (!suffix.includes('l')) {
    if (!isUnsigned && value < 1n << 31n) return INT;
    if ((isUnsigned || !isDecimal) && value < 1n << 32n) return UNSIGNED_INT;
  }
  return !isUnsigned && value < 1n << 63n ? LONG : UNSIGNED_LONG;
}

/** A character constant, or, where it is longer, a symbol's name in quotes. */
function characterToken(text: string, at: number): { token: Token; end: number } {
  const plain = /^'([^'\\]{3,})'/.exec(text.slice(at));
  if (plain !== null) return { token: { kind: 'quoted', text: plain[1], at }, end: at + plain[0].length };
  const { bytes, end, isClosed } = quotedBytes(text, at);
  if (!isClosed) throw new UsageError('Unmatched single quote.');
  if (bytes.length === 0) throw new UsageError('Empty character constant.');
  if (bytes.length > 1) throw new UsageError('Invalid character constant.');
  return { token: { kind: 'int', value: BigInt((bytes[0] << 24) >> 24), type: CHAR, at }, end };
}

function stringToken(text: string, at: number): { token: Token; end: number } {
  const { bytes, end, isClosed } = quotedBytes(text, at);
  if (!isClosed) throw new UsageError('Unterminated string in expression.');
  return { token: { kind: 'string', bytes, at }, end };
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };

function quotedBytes(text: string, start: number): { bytes: number[]; end: number; isClosed: boolean } {
  const quote = text[start];
  const bytes: number[] = [];
  const pattern = /\\x([\da-fA-F]{1,2})|\\([0-7]{1,3})|\\(.)|([^\\])/suy;
  let at = start + 1;
  while (at < text.length && text[at] !== quote) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) break;
    const [all, hexDigits, octalDigits, escaped, plain] = found;
    if (hexDigits !== undefined) bytes.push(Number.parseInt(hexDigits, 16));
    else if (octalDigits !== undefined) bytes.push(Number.parseInt(octalDigits, 8) & 255);
    else if (escaped !== undefined) bytes.push(ESCAPES[escaped] ?? escaped.charCodeAt(0) & 255);
    else bytes.push(...new TextEncoder().encode(plain));
    at += all.length;
  }
  return { bytes, end: at + 1, isClosed: text[at] === quote };
}
