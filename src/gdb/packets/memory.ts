/**
 * Memory of the selected thread's process, as the program would read it; looking changes nothing, and a page that was never
 * touched shows what a first touch would bring. Reading answers with what comes before the first byte that is not there.
 */
import { PAGE_SIZE } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { bigintOfHex, bytesOfHex, bytesOfText, hexOfBytes, numberOfHex, splitAt, textOfBytes } from '../bytes.ts';
import { crc32 } from '../crc.ts';
import { escapedLength } from '../framing.ts';
import type { Session } from '../session.ts';
import { FAILED, OK, type Packet, packet } from './define.ts';
import { PACKET_BYTES } from './handshake.ts';

/** Bytes that a search or a checksum takes at a time. */
const PIECE = 1 << 16;

function range(text: string, separator = ','): { address: bigint; length: number } {
  const [address, length] = splitAt(text, separator);
  return { address: bigintOfHex(address), length: numberOfHex(length) };
}

/** The bytes up to the first that cannot be read. */
function read(session: Session, address: bigint, length: number): Uint8Array {
  const task = session.task();
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const at = BigInt.asUintN(64, address + BigInt(done));
    const count = Math.min(PAGE_SIZE - Number(at & 0xfffn), length - done);
    const page = task.kernel.peek(task, at, count);
    if (page === undefined) break;
    bytes.set(page, done);
    done += count;
  }
  return bytes.subarray(0, done);
}

function write(session: Session, address: bigint, bytes: Uint8Array): string {
  const refused = bytes.length === 0 ? undefined : session.debuggee.changeMemory(session.task(), address, bytes);
  return refused === undefined ? OK : session.refuse(refused);
}

/** As much of the data as a packet takes. */
function fitting(bytes: Uint8Array): string {
  let text = textOfBytes(bytes);
  while (escapedLength(text) > PACKET_BYTES - 1) text = text.slice(0, Math.floor((text.length * 7) / 8));
  return text;
}

export const MEMORY: readonly Packet[] = [
  packet({
    name: 'm',
    run(session, args) {
      const { address, length } = range(args);
      const bytes = read(session, address, Math.min(length, PACKET_BYTES >> 1));
      return bytes.length === 0 && length > 0 ? FAILED : hexOfBytes(bytes);
    },
  }),
  packet({
    name: 'x',
    run(session, args) {
      const { address, length } = range(args);
      const bytes = read(session, address, Math.min(length, PACKET_BYTES));
      return bytes.length === 0 && length > 0 ? FAILED : `b${fitting(bytes)}`;
    },
  }),
  packet({
    name: 'M',
    run(session, args) {
      const [where, data] = splitAt(args, ':');
      const { address, length } = range(where);
      const bytes = bytesOfHex(data ?? '');
      if (bytes.length !== length) throw new UsageError('not as many bytes as it says');
      return write(session, address, bytes);
    },
  }),
  packet({
    name: 'X',
    run(session, args) {
      const [where, data] = splitAt(args, ':');
      const { address, length } = range(where);
      const bytes = bytesOfText(data ?? '');
      if (bytes.length !== length) throw new UsageError('not as many bytes as it says');
      return write(session, address, bytes);
    },
  }),
  packet({
    name: 'qSearch',
    run(session, args) {
      const match = /^:memory:([\da-f]+);([\da-f]+);([\s\S]+)$/i.exec(args);
      if (match === null) throw new UsageError('not a search of memory');
      return search(session, bigintOfHex(match[1]), bigintOfHex(match[2]), match[3]);
    },
  }),
  packet({
    name: 'qCRC',
    run(session, args) {
      const { address, length } = range(args.slice(1));
      let sum = crc32(new Uint8Array(0));
      for (let done = 0; done < length; done += PIECE) {
        const count = Math.min(PIECE, length - done);
        const bytes = read(session, address + BigInt(done), count);
        if (bytes.length < count) return FAILED;
        sum = crc32(bytes, sum);
      }
      return `C${sum.toString(16)}`;
    },
  }),
];

/** Where a pattern is; memory that is not there ends the search. */
function search(session: Session, start: bigint, length: bigint, pattern: string): string {
  const end = start + length;
  let kept = '';
  for (let at = start; at < end; at += BigInt(PIECE)) {
    const wanted = Number(end - at < BigInt(PIECE) ? end - at : BigInt(PIECE));
    const bytes = read(session, at, wanted);
    const text = kept + textOfBytes(bytes);
    const found = text.indexOf(pattern);
    if (found >= 0) return `1,${(at - BigInt(kept.length) + BigInt(found)).toString(16)}`;
    if (bytes.length < wanted) break;
    kept = pattern.length > 1 ? text.slice(-(pattern.length - 1)) : '';
  }
  return '0';
}
