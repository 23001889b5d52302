/** qXfer: pieces of an object. `m` says that there is more, `l` that this is the last. */
import { UsageError } from '../../base/invariant.ts';
import { numberOfHex } from '../bytes.ts';
import { escapedLength } from '../framing.ts';
import { OBJECTS } from '../objects.ts';
import { type Packet, packet } from './define.ts';
import { PACKET_BYTES } from './handshake.ts';

export const TRANSFER: readonly Packet[] = [
  packet({
    name: 'qXfer',
    run(session, args) {
      const match = /^:([\w-]+):read:([^:]*):([\da-f]+),([\da-f]+)$/i.exec(args);
      const [, object, annex] = match ?? [];
      // Also what only gdbserver has, and writing: not supported.
      if (match === null || !Object.hasOwn(OBJECTS, object)) return '';
      const [offset, length] = [numberOfHex(match[3]), numberOfHex(match[4])];
      const whole = OBJECTS[object](session, annex);
      if (offset > whole.length) throw new UsageError('beyond the end');
      let piece = whole.slice(offset, offset + length);
      while (escapedLength(piece) > PACKET_BYTES - 1) piece = piece.slice(0, Math.floor((piece.length * 7) / 8));
      return (offset + piece.length < whole.length ? 'm' : 'l') + piece;
    },
  }),
];
