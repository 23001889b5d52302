/** How strace(1) writes numbers, addresses, flags and strings: strace's src/util.c, print_utils. */
import { hex } from '../../../base/ints.ts';

/** Bytes of a string that are shown (strace -s). */
export const STRING_BYTES = 32;
/** Items of a list that are shown. */
export const LIST_ITEMS = 32;

export const pointer = (address: bigint): string => (address === 0n ? 'NULL' : hex(address));
export const decimal = (value: bigint | number): string => String(value);
export const zeroOrHex = (value: bigint | number): string => (BigInt(value) === 0n ? '0' : hex(value));

/** A name by number; what has none in hexadecimal, with the prefix of its family. */
export const named = (
  value: number,
  names: Readonly<Record<number, string>> | readonly string[],
  unknown: string,
): string => (names as Readonly<Record<number, string>>)[value] ?? `${hex(value >>> 0)} /* ${unknown} */`;

/** Names of the set flags, then what has no name. */
export function flagParts(value: number, names: Readonly<Record<string, number>>): string[] {
  const parts: string[] = [];
  let rest = value >>> 0;
  for (const [name, mask] of Object.entries(names)) {
    if ((rest & mask) >>> 0 !== mask >>> 0) continue;
    parts.push(name);
    rest = (rest & ~mask) >>> 0;
  }
  if (rest !== 0) parts.push(hex(rest));
  return parts;
}

/** As `flagParts`, of 64 bits. */
export function wideFlagParts(value: bigint, names: Readonly<Record<string, bigint>>): string[] {
  const parts = Object.entries(names).filter(([, mask]) => (value & mask) === mask);
  const rest = parts.reduce((left, [, mask]) => left & ~mask, value);
  return [...parts.map(([name]) => name), ...(rest === 0n ? [] : [hex(rest)])];
}

export function flagsText(value: number, names: Readonly<Record<string, number>>, unknown: string): string {
  if (value === 0) return '0';
  const parts = flagParts(value, names);
  return parts.length === 1 && parts[0].startsWith('0x') ? `${parts[0]} /* ${unknown} */` : parts.join('|');
}

const ESCAPES: Readonly<Record<number, string>> = {
  9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\',
}; // biome-ignore format: a table

/** In quotes, escaped, cut after `most` bytes. An octal escape is as short as the next byte allows. */
export function quoted(bytes: Uint8Array, most: number = STRING_BYTES, forceHex = false): string {
  const shown = bytes.subarray(0, most);
  let text = '';
  for (const [i, byte] of shown.entries()) {
    const next = shown[i + 1];
    if (forceHex) text += `\\x${byte.toString(16).padStart(2, '0')}`;
    else if (ESCAPES[byte] !== undefined) text += ESCAPES[byte];
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(next >= 48 && next <= 55 ? 3 : 1, '0')}`;
  }
  return `"${text}"${bytes.length > most ? '...' : ''}`;
}
