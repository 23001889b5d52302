/** Bytes to packets and back. Sums are those that gdb 13.1 has sent; runs are the GDB manual's examples. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOfText, textOfBytes } from '../../src/gdb/bytes.ts';
import { decodePacket, encodePacket, MOST_BODY_BYTES, PacketReader, type Received } from '../../src/gdb/framing.ts';

const read = (text: string, reader = new PacketReader()): Received[] => reader.push(bytesOfText(text));
const bodies = (received: Received[]): string[] =>
  received.filter(({ kind }) => kind === 'packet').map((one) => (one as { body: string }).body);
const anyBody = fc.uint8Array({ maxLength: 300 }).map(textOfBytes);

describe('what gdb sends', () => {
  test.each(['$vMustReplyEmpty#3a', '$QStartNoAckMode#b0', '$m400040,38#2c', '$vCont;c:p6347.-1#b2', '$!#21', '$?#3f'])(
    '%s',
    (packet) => {
      expect(read(packet)).toEqual([{ kind: 'packet', body: packet.slice(1, -3) }]);
    },
  );

  test('acknowledgements and Ctrl-C stand between packets', () => {
    expect(read('+$?#3f\x03-').map(({ kind }) => kind)).toEqual(['ack', 'packet', 'interrupt', 'nak']);
  });

  test('the byte of Ctrl-C inside a packet is data', () => {
    expect(bodies(read('$a\x03b#c6'))).toEqual(['a\x03b']);
  });

  test('an escaped byte', () => {
    expect(bodies(read('$X0,1:}\x03#9f'))).toEqual(['X0,1:#']);
  });

  test('a wrong sum', () => {
    expect(read('$?#3e')).toEqual([{ kind: 'damaged', body: '?' }]);
    expect(read('$?#zz')).toEqual([{ kind: 'damaged', body: '?' }]);
    const trusting = new PacketReader();
    trusting.checksSums = false;
    expect(bodies(read('$?#00', trusting))).toEqual(['?']);
  });

  test('a packet that was cut off is forgotten when the next one begins', () => {
    expect(bodies(read('$m4000$?#3f'))).toEqual(['?']);
    expect(bodies(read('$m4000#$?#3f'))).toEqual(['?']);
  });

  test('no packet is longer than a megabyte', () => {
    const received = read(`$${'a'.repeat(MOST_BODY_BYTES + 5)}#00$?#3f`);
    expect(received.map(({ kind }) => kind)).toEqual(['damaged', 'packet']);
  });

  test('arrives in pieces of any size', () => {
    fc.assert(
      fc.property(anyBody, fc.array(fc.nat(40), { maxLength: 20 }), (body, sizes) => {
        const bytes = asClient(body);
        const reader = new PacketReader();
        const received: Received[] = [];
        let at = 0;
        for (const size of sizes) received.push(...reader.push(bytes.subarray(at, (at += size))));
        received.push(...reader.push(bytes.subarray(at)));
        expect(received).toEqual([{ kind: 'packet', body }]);
      }),
    );
  });

  test('a packet after any garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        const reader = new PacketReader();
        reader.push(garbage);
        expect(read('$?#3f', reader).at(-1)).toEqual({ kind: 'packet', body: '?' });
      }),
    );
  });
});

describe('what a server sends', () => {
  test.each([
    ['OK', '$OK#9a'],
    ['', '$#00'],
    ['0000', '$0* #7a'],
    ['a#b', '$a}\x03b#43'],
    ['*', '$}\n#87'],
  ])('%j', (body, packet) => {
    expect(textOfBytes(encodePacket(body))).toBe(packet);
  });

  test('a run of seven or eight does not look like the end or the start of a packet', () => {
    for (let length = 4; length < 300; length++) {
      const packet = textOfBytes(encodePacket('0'.repeat(length)));
      expect(packet.slice(1, -3)).not.toMatch(/[#$+-]/);
      expect(decodePacket(bytesOfText(packet))).toBe('0'.repeat(length));
    }
  });

  test('any bytes come back', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(decodePacket(encodePacket(body))).toBe(body);
      }),
    );
  });
});

/** As gdb frames: escapes, no runs. */
function asClient(body: string): Uint8Array {
  const escaped = body.replace(/[#$}*]/g, (found) => `}${String.fromCharCode(found.charCodeAt(0) ^ 0x20)}`);
  const sum = [...bytesOfText(escaped)].reduce((all, byte) => (all + byte) & 0xff, 0);
  return bytesOfText(`$${escaped}#${sum.toString(16).padStart(2, '0')}`);
}
