/** zlib's own output, of every kind of block, comes back; damaged input is no result. */
import { randomBytes } from 'node:crypto';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inflate } from '../../src/elf/inflate.ts';

const INPUTS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['one byte many times', new Uint8Array(100_000).fill(7)],
  ['text', new TextEncoder().encode('a page is virtual, a frame physical. '.repeat(500))],
  ['noise', randomBytes(70_000)],
];
test.each(INPUTS)('%s', (_name, bytes) => {
  for (const level of [0, 1, 9])
    for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY])
      expect(Buffer.compare(inflate(deflateSync(bytes, { level, strategy }), bytes.length)!, bytes)).toBe(0);
});

test('anything', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(inflate(deflateSync(bytes), bytes.length)).toEqual(bytes);
    }),
  ));

test('damaged input, cut or changed, is undefined or of the right size', () =>
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat(255), (bytes, where, value) => {
      const good = new Uint8Array(deflateSync(bytes));
      const changed = good.slice();
      changed[where % good.length] = value;
      for (const bad of [good.subarray(0, where % good.length), changed]) {
        const found = inflate(bad, bytes.length);
        if (found !== undefined) expect(found).toHaveLength(bytes.length);
      }
      expect(inflate(good, bytes.length + 1)).toBeUndefined();
      expect(inflate(good, bytes.length - 1)).toBeUndefined();
    }),
  ));
