/**
 * Bytes to packets and back, without a socket: `$body#cc`, whose two digits are the sum of the body's bytes modulo 256.
 * Between packets stand acknowledgements (`+`, `-`) and Ctrl-C, the byte 3. A body is text with one character per byte;
 * `}` escapes a byte, which follows XOR 0x20, and `*` repeats one in what a server sends. GDB manual, "Remote Protocol".
 */
import { bytesOfText } from './bytes.ts';

/** What came in. `damaged`: a packet whose sum is wrong, or that is longer than any may be. */
export type Received =
  | { readonly kind: 'packet'; readonly body: string }
  | { readonly kind: 'damaged'; readonly body: string }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nak' }
  | { readonly kind: 'interrupt' };

const START = 0x24, END = 0x23, ESCAPE = 0x7d, RUN = 0x2a, ACK = 0x2b, NAK = 0x2d, INTERRUPT = 3; // biome-ignore format: one line
const ESCAPE_BIT = 0x20;
/** Bytes of a body. What is longer is dropped, so that a client cannot fill our memory. */
export const MOST_BODY_BYTES: number = 1 << 20;
/** A run's length is written as a printable character: its length less one, plus 29. */
const RUN_BASE = 29, LEAST_RUN = 4, MOST_RUN = 98; // biome-ignore format: one line

/** -1 for what is none. */
const hexDigit = (byte: number): number => '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase());

/** Takes bytes as they come, in pieces of any size. What is between packets and means nothing is passed over. */
export class PacketReader {
  /** Whether a wrong sum matters: not any more when both have agreed that the line is reliable. */
  checksSums = true;
  private _state: 'between' | 'body' | 'first digit' | 'second digit' = 'between';
  private _body: number[] = [];
  private _isTooLong = false;
  private _sum = 0;
  private _firstDigit = 0;

  push(bytes: Uint8Array): Received[] {
    const received: Received[] = [];
    for (const byte of bytes) {
      const one = this._take(byte);
      if (one !== undefined) received.push(one);
    }
    return received;
  }

  private _take(byte: number): Received | undefined {
    // Inside a packet it would be escaped: the one before was cut off.
    if (byte === START) {
      this._begin();
      return undefined;
    }
    switch (this._state) {
      case 'between':
        if (byte === ACK) return { kind: 'ack' };
        else if (byte === NAK) return { kind: 'nak' };
        else if (byte === INTERRUPT) return { kind: 'interrupt' };
        return undefined;
      case 'body':
        if (byte === END) this._state = 'first digit';
        else if (this._body.length < MOST_BODY_BYTES) {
          this._body.push(byte);
          this._sum = (this._sum + byte) & 0xff;
        } else this._isTooLong = true;
        return undefined;
      case 'first digit':
        this._firstDigit = hexDigit(byte);
        this._state = 'second digit';
        return undefined;
      case 'second digit':
        return this._finish(hexDigit(byte));
    }
  }

  private _begin(): void {
    this._state = 'body';
    this._body = [];
    this._sum = 0;
    this._isTooLong = false;
  }

  private _finish(second: number): Received {
    const isRight = this._firstDigit >= 0 && second >= 0 && this._firstDigit * 16 + second === this._sum;
    const isWhole = !this._isTooLong && (isRight || !this.checksSums);
    const body = unescapeBytes(this._body);
    this._state = 'between';
    this._body = [];
    return { kind: isWhole ? 'packet' : 'damaged', body };
  }
}

function unescapeBytes(bytes: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i++) {
    // One that escapes nothing stands for itself.
    const isEscaped = bytes[i] === ESCAPE && i + 1 < bytes.length;
    if (isEscaped) i++;
    parts.push(String.fromCharCode(isEscaped ? bytes[i] ^ ESCAPE_BIT : bytes[i]));
  }
  return parts.join('');
}

/** A packet as it goes over the line: escaped, with runs shortened. */
export function encodePacket(body: string): Uint8Array<ArrayBuffer> {
  const text = shortenRuns(escapeText(body));
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum + text.charCodeAt(i)) & 0xff;
  return bytesOfText(`$${text}#${sum.toString(16).padStart(2, '0')}`);
}

/** Bytes that a body of ours takes once it is escaped: data is cut so that the packet stays within what was agreed. */
export const escapedLength = (body: string): number => escapeText(body).length;

const escapeText = (body: string): string =>
  body.replace(/[#$}*]/g, (found) => `}${String.fromCharCode(found.charCodeAt(0) ^ ESCAPE_BIT)}`);

/** `0000000` becomes `0*"0`: `*` and a character for how many more there are. Lengths that would look like the line's own are avoided. */
function shortenRuns(text: string): string {
  return text.replace(/([\s\S])\1{3,}/g, (run) => {
    const [character] = run;
    let shortened = '';
    let left = run.length;
    while (left >= LEAST_RUN) {
      const length = usableRun(Math.min(left, MOST_RUN));
      shortened += `${character}*${String.fromCharCode(length - 1 + RUN_BASE)}`;
      left -= length;
    }
    return shortened + character.repeat(left);
  });
}

const UNUSABLE = '#$+-';
function usableRun(length: number): number {
  while (UNUSABLE.includes(String.fromCharCode(length - 1 + RUN_BASE))) length--;
  return length;
}

/** What `encodePacket` made, as a client reads it; undefined for what it never makes. */
export function decodePacket(bytes: Uint8Array): string | undefined {
  const end = bytes.length - 3;
  if (end < 1 || bytes[0] !== START || bytes[end] !== END) return undefined;
  const body: number[] = [];
  let sum = 0;
  for (let i = 1; i < end; i++) {
    sum = (sum + bytes[i]) & 0xff;
    if (bytes[i] !== RUN) body.push(bytes[i]);
    else {
      const last = body.at(-1);
      if (last === undefined || i + 1 >= end) return undefined;
      sum = (sum + bytes[++i]) & 0xff;
      for (let more = bytes[i] - RUN_BASE; more > 0; more--) body.push(last);
    }
  }
  return hexDigit(bytes[end + 1]) * 16 + hexDigit(bytes[end + 2]) === sum ? unescapeBytes(body) : undefined;
}
