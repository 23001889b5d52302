/** Programs in links: packed, unpacked, and limits on both ways. */
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UsageError } from '../../../src/base/invariant.ts';
import { MOST_PACKED, pack, unpack } from '../../../src/web/app/share/packing.ts';
import { fixturePath } from '../../helpers/fixtures.ts';

test('the demo fits, and comes out as it went in', async () => {
  const demo = new Uint8Array(readFileSync(fixturePath('shm_demo')));
  const text = await pack(demo);
  expect(text).toMatch(/^[\w-]{100,2000}$/);
  expect(await unpack(text)).toEqual(demo);
});

test('nothing comes out as nothing', async () => {
  expect(await unpack(await pack(new Uint8Array(0)))).toEqual(new Uint8Array(0));
});

test('what is too large is refused, with its size', async () => {
  const noise = new Uint8Array(60_000);
  let value = 1;
  for (let i = 0; i < noise.length; i++) noise[i] = value = (value * 75 + 74) % 65_537;
  await expect(pack(noise)).rejects.toThrow(
    /^the program is too large for a link: \d\d,\d{3} characters, and 32,000 are the limit$/,
  );
});

test.each([
  ['that is not base64url', 'a*b'],
  ['that is cut off', deflateRawSync(Buffer.alloc(1000, 'a')).toString('base64url').slice(0, 8)],
  ['that was never packed', Buffer.from('this is just text').toString('base64url')],
])('a text %s is damaged', async (_, text) => {
  await expect(unpack(text)).rejects.toThrow(new UsageError('the program in the link is damaged'));
});

test.each([
  ['of too many characters', 'a'.repeat(MOST_PACKED + 1)],
  ['that grows beyond measure', deflateRawSync(Buffer.alloc(20 << 20)).toString('base64url')],
])('a text %s is too large', async (_, text) => {
  await expect(unpack(text)).rejects.toThrow(new UsageError('the program in the link is too large'));
});
