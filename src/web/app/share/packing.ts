/**
 * A program as text for a link: deflated, in base64url. What a link can hold is limited, since not everything that hands
 * links on takes long ones; what comes out of one is limited too, since somebody else has made it.
 */
import { UsageError } from '../../../base/invariant.ts';

/** Characters. Browsers take more, many other places do not. */
export const MOST_PACKED = 32_000;
/** Bytes. A program of so much compressible nothing is not worth a link. */
const MOST_UNPACKED = 4 << 20;

/** UsageError: it is too large for a link. */
export async function pack(bytes: Uint8Array): Promise<string> {
  const stream = streamOf(bytes).pipeThrough(new CompressionStream('deflate-raw'));
  const text = base64url((await collect(stream, Number.POSITIVE_INFINITY))!);
  if (text.length > MOST_PACKED) {
    const [length, most] = [text.length, MOST_PACKED].map((count) => count.toLocaleString('en'));
    throw new UsageError(`the program is too large for a link: ${length} characters, and ${most} are the limit`);
  }
  return text;
}

/** UsageError: the text is none that pack() gives. */
export async function unpack(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = text.length > MOST_PACKED ? undefined : await inflate(text);
  if (bytes === undefined) throw new UsageError('the program in the link is too large');
  return bytes;
}

async function inflate(text: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const stream = streamOf(fromBase64url(text)).pipeThrough(new DecompressionStream('deflate-raw'));
    return await collect(stream, MOST_UNPACKED);
  } catch {
    throw new UsageError('the program in the link is damaged');
  }
}

const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new Blob([new Uint8Array(bytes)]).stream();

/** All of a stream; undefined as soon as it is more than `most`. */
async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > most) {
      void reader.cancel();
      return undefined;
    }
    pieces.push(read.value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function base64url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Throws for what is none. */
const fromBase64url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
