/** The fuzzer of system calls, for as long as a unit test may take; `npm run fuzz:syscalls` goes on. */
import { expect, test } from 'vitest';
import { fuzz } from './syscalls.ts';

test('20,000 hostile calls: all answered, no frame lost', { timeout: 120_000 }, async () => {
  const { failures, calls } = await fuzz({ calls: 20_000, seed: 2024 });
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThanOrEqual(20_000);
});

test.each([
  [26, 'clone3 with a size that is no multiple of eight'],
  [152, 'control data of a message whose length leaves it'],
])('machine %i: %s', async (seed) => {
  expect((await fuzz({ calls: 400, seed })).failures).toEqual([]);
});
