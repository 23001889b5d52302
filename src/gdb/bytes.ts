/**
 * What packets are written in: bytes as text with one character for each (so that a packet's words and binary data are
 * one string), hexadecimal numbers and bytes. What a client sends is not trusted: a mistake is a UsageError.
 */
import { UsageError } from '../base/invariant.ts';

const CHUNK = 8192;

/** One character per byte. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

/** The bytes of a text with one character per byte. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || /[^\da-f]/i.test(text)) throw new UsageError('not an even number of hexadecimal digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Text of ours or of a user, as UTF-8. */
export const hexOfString = (text: string): string => hexOfBytes(new TextEncoder().encode(text));
export const stringOfHex = (text: string): string => new TextDecoder().decode(bytesOfHex(text));

/** A number without `0x`: unsigned, at most 64 bits. */
export function bigintOfHex(text: string | undefined): bigint {
  if (text === undefined || !/^[\da-f]{1,16}$/i.test(text)) throw new UsageError('not a hexadecimal number');
  return BigInt(`0x${text}`);
}

/** The same of a number that is no address: below 2^53. */
export function numberOfHex(text: string | undefined): number {
  const value = Number(bigintOfHex(text));
  if (!Number.isSafeInteger(value)) throw new UsageError('a number is too large');
  return value;
}

/** A number of so many bytes, lowest byte first, as registers are written. */
export function hexOfValue(value: bigint, sizeBytes: number): string {
  const digits = BigInt.asUintN(8 * sizeBytes, value)
    .toString(16)
    .padStart(2 * sizeBytes, '0');
  return (digits.match(/../g) ?? []).reverse().join('');
}

export function valueOfBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The part before a separator, and the part after it; undefined where there is none. */
export function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
