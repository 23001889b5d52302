/**
 * Characters and strings as gdb shows them: C's escapes, octal where there is none, runs of more than ten as
 * `'z' <repeats 20 times>`.
 */
import { cannotAccess, type ReadMemory } from './values.ts';

/** Runs longer than that are folded. */
export const REPEATS = 10;
/** Elements shown of an array or a string. */
export const MOST_ELEMENTS = 200;

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 92: '\\\\',
}; // biome-ignore format: a table

function escaped(byte: number, quote: string): string {
  if (byte === quote.charCodeAt(0)) return `\\${quote}`;
  if (ESCAPES[byte] !== undefined) return ESCAPES[byte];
  if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
  return `\\${byte.toString(8).padStart(3, '0')}`;
}

/** `'A'`, `'\n'`, `'\000'`. */
export const describeCharacter = (byte: number): string => `'${escaped(byte & 255, "'")}'`;

/** `"text"`, with runs folded. A string of no bytes is `""`. `isCut`: there is more of it. */
export function describeString(bytes: Uint8Array, isCut = false): string {
  const parts: string[] = [];
  let open = '';
  const close = (): void => {
    if (open !== '') parts.push(`"${open}"`);
    open = '';
  };
  for (let at = 0; at < bytes.length; ) {
    let count = 1;
    while (bytes[at + count] === bytes[at]) count++;
    if (count > REPEATS) {
      close();
      parts.push(`'${escaped(bytes[at], "'")}' <repeats ${count} times>`);
    } else open += escaped(bytes[at], '"').repeat(count);
    at += count;
  }
  close();
  return (parts.length === 0 ? '""' : parts.join(', ')) + (isCut ? '...' : '');
}

/** What an array of characters shows: without its last byte, if that is zero. */
export function describeCharacters(bytes: Uint8Array): string {
  const length = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  const isCut = length > MOST_ELEMENTS;
  return describeString(bytes.subarray(0, isCut ? MOST_ELEMENTS : length), isCut);
}

export interface TextInMemory {
  readonly bytes: Uint8Array;
  /** Where the next one begins. */
  readonly next: bigint;
  readonly isCut: boolean;
  /** What cannot be read, where no zero came before it. */
  readonly unreadable: bigint | undefined;
}

/** From an address up to a zero, and not more than is shown. */
export function readString(address: bigint, read: ReadMemory): TextInMemory {
  const bytes: number[] = [];
  while (bytes.length < MOST_ELEMENTS) {
    const at = BigInt.asUintN(64, address + BigInt(bytes.length));
    const byte = read(at, 1)?.[0];
    if (byte === undefined) return { bytes: Uint8Array.from(bytes), next: at, isCut: false, unreadable: at };
    if (byte === 0) return { bytes: Uint8Array.from(bytes), next: at + 1n, isCut: false, unreadable: undefined };
    bytes.push(byte);
  }
  const next = address + BigInt(bytes.length);
  return { bytes: Uint8Array.from(bytes), next, isCut: read(next, 1)?.[0] !== 0, unreadable: undefined };
}

/** What a `char *` shows behind its value. */
export function describeStringAt(address: bigint, read: ReadMemory): string {
  const { bytes, isCut, unreadable } = readString(address, read);
  if (unreadable === undefined) return describeString(bytes, isCut);
  const error = `<error: ${cannotAccess(unreadable).message}>`;
  return bytes.length === 0 ? error : `${describeString(bytes)}${error}`;
}
