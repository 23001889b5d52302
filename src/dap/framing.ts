/**
 * Messages of the Debug Adapter Protocol as bytes and back: a header with Content-Length, an empty line, JSON in UTF-8.
 * Bytes come in any pieces. What is no message is told and skipped, and reading goes on behind it.
 */

/** A message, or why there is none. */
export type Framed = { readonly message: unknown } | { readonly error: string };

const MOST_HEADER_BYTES = 4096;
/** A client that announces more is not listened to: the message is skipped as it comes. */
const MOST_BODY_BYTES = 32 * 1024 * 1024;
const CR = 13;
const LF = 10;

export class MessageReader {
  private _bytes: Uint8Array = new Uint8Array(0);
  /** Of a body that is skipped: bytes that are still to come. */
  private _skip = 0;

  /** What is complete with these bytes, in order. */
  push(piece: Uint8Array): Framed[] {
    this._bytes = this._bytes.length === 0 ? piece.slice() : joined(this._bytes, piece);
    const found: Framed[] = [];
    for (let next = this._next(); next !== undefined; next = this._next()) found.push(next);
    return found;
  }

  private _next(): Framed | undefined {
    const skipped = Math.min(this._skip, this._bytes.length);
    this._drop(skipped);
    this._skip -= skipped;
    if (this._skip > 0) return undefined;
    const end = headerEnd(this._bytes);
    if (end === undefined) {
      if (this._bytes.length <= MOST_HEADER_BYTES) return undefined;
      this._drop(this._bytes.length);
      return { error: 'a header without an end' };
    }
    const header = new TextDecoder('latin1').decode(this._bytes.subarray(0, end));
    const length = lengthOf(header);
    if (length === undefined) {
      this._drop(end);
      return { error: 'a header without a Content-Length' };
    }
    if (length > MOST_BODY_BYTES) {
      this._drop(end);
      this._skip = length;
      return { error: `a message of ${length} bytes: more than ${MOST_BODY_BYTES}` };
    }
    if (this._bytes.length < end + length) return undefined;
    const body = this._bytes.slice(end, end + length);
    this._drop(end + length);
    try {
      return { message: JSON.parse(new TextDecoder().decode(body)) };
    } catch (error) {
      return { error: `no JSON: ${(error as Error).message}` };
    }
  }

  private _drop(count: number): void {
    this._bytes = this._bytes.subarray(count);
  }
}

export function writeMessage(message: object): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  return joined(new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`), body);
}

/** Behind the empty line. */
function headerEnd(bytes: Uint8Array): number | undefined {
  const most = Math.min(bytes.length, MOST_HEADER_BYTES);
  for (let i = 3; i < most; i++)
    if (bytes[i] === LF && bytes[i - 1] === CR && bytes[i - 2] === LF && bytes[i - 3] === CR) return i + 1;
  return undefined;
}

function lengthOf(header: string): number | undefined {
  const found = /^content-length: *(\d{1,15}) *$/im.exec(header.replaceAll('\r', ''));
  return found === null ? undefined : Number(found[1]);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
