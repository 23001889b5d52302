/**
 * vFile: the guest's files, so that `set sysroot target:` finds the libraries that the program has mapped, and `info proc`
 * reads /proc. Reading alone: what a debugger wrote there would not happen again when the run is repeated.
 */
import { Errno } from '../../abi/errno.ts';
import { UsageError } from '../../base/invariant.ts';
import { bytesOfText, numberOfHex, splitAt, stringOfHex, textOfBytes } from '../bytes.ts';
import { fileErrno, statBytes, WRITING_FLAGS } from '../file-io.ts';
import { escapedLength } from '../framing.ts';
import type { Session } from '../session.ts';
import { type Packet, packet } from './define.ts';
import { PACKET_BYTES } from './handshake.ts';

const failure = (error: Errno): string => `F-1,${fileErrno(error).toString(16)}`;
const READ_ONLY = 'F-1,1e';
/** `F`, a number of up to eight digits and `;`. */
const HEAD_BYTES = 10;

function attachment(result: number, bytes: Uint8Array): string {
  return `F${result.toString(16)};${textOfBytes(bytes)}`;
}

const OPERATIONS: Readonly<Record<string, (session: Session, args: string[]) => string>> = {
  // All processes see one tree, from which /proc leads to each of them.
  setfs: () => 'F0',
  open(session, [path, flags]) {
    if (numberOfHex(flags) & WRITING_FLAGS) return READ_ONLY;
    const handle = session.files.open(stringOfHex(path));
    return handle instanceof Errno ? failure(handle) : `F${handle.toString(16)}`;
  },
  pread(session, [handle, count, offset]) {
    const file = session.files.find(numberOfHex(handle));
    if (file === undefined) return BAD_HANDLE;
    const start = numberOfHex(offset);
    let bytes = file.bytes.subarray(start, start + Math.min(numberOfHex(count), PACKET_BYTES));
    while (escapedLength(textOfBytes(bytes)) > PACKET_BYTES - HEAD_BYTES)
      bytes = bytes.subarray(0, Math.floor((bytes.length * 7) / 8));
    return attachment(bytes.length, bytes);
  },
  fstat(session, [handle]) {
    const file = session.files.find(numberOfHex(handle));
    return file === undefined ? BAD_HANDLE : attachment(64, statBytes(file.stat));
  },
  stat(session, [path]) {
    const stat = session.files.stat(stringOfHex(path), true);
    return stat instanceof Errno ? failure(stat) : attachment(64, statBytes(stat));
  },
  lstat(session, [path]) {
    const stat = session.files.stat(stringOfHex(path), false);
    return stat instanceof Errno ? failure(stat) : attachment(64, statBytes(stat));
  },
  close: (session, [handle]) => (session.files.close(numberOfHex(handle)) ? 'F0' : BAD_HANDLE),
  readlink(session, [path]) {
    const target = session.files.readlink(stringOfHex(path));
    if (target instanceof Errno) return failure(target);
    const bytes = bytesOfText(textOfBytes(new TextEncoder().encode(target)));
    return attachment(bytes.length, bytes);
  },
  pwrite: () => READ_ONLY,
  unlink: () => READ_ONLY,
};
const BAD_HANDLE = 'F-1,9';

export const FILES: readonly Packet[] = [
  packet({
    name: 'vFile',
    run(session, args) {
      const [operation, rest] = splitAt(args.slice(1), ':');
      if (!Object.hasOwn(OPERATIONS, operation)) return '';
      if (rest === undefined) throw new UsageError('no arguments');
      return OPERATIONS[operation](session, rest.split(','));
    },
  }),
];
