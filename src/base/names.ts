/**
 * File names are bytes, and mostly UTF-8. As text, a byte that is not part of valid UTF-8 is a lone low surrogate
 * (U+DC80 to U+DCFF), so that every name has one text and every such text gives its bytes back.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ESCAPE = 0xdc00;

export function nameOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escapedText(bytes);
  }
}

function escapedText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(ESCAPE + bytes[at++]);
    else text += strict.decode(bytes.subarray(at, (at += length)));
  }
  return text;
}

/** Bytes of the character that starts there; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0; // biome-ignore format: one line
  try {
    if (length > 0 && at + length <= bytes.length) strict.decode(bytes.subarray(at, at + length));
    else return 0;
  } catch {
    return 0;
  }
  return length;
}

export function bytesOfName(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return encoder.encode(text);
  const parts: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) parts.push(code - ESCAPE);
    else parts.push(...encoder.encode(character));
  }
  return Uint8Array.from(parts);
}
