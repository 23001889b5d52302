/** Outcomes of many runs as bars: by outcome while these are few, by number where they differ in one number alone. */
import { expect, test } from 'vitest';
import type { OutcomeCount } from '../../src/explore/campaign.ts';
import { distributionOf } from '../../src/web/model/distribution.ts';

const outcome = (stdout: string, count: number, seed: number, status = 0): OutcomeCount => ({
  outcome: { end: 'exited', status, stdout, stderr: '' },
  count,
  seed,
  instructions: { least: 1, most: 1 },
});

test('few outcomes have a bar each', () => {
  const { kind, bars } = distributionOf([outcome('total = 2\n', 7, 1), outcome('total = 1\n', 3, 4, 1)]);
  expect(kind).toBe('outcomes');
  expect(bars).toEqual([
    { label: 'exit 0: total = 2', count: 7, seed: 1 },
    { label: 'exit 1: total = 1', count: 3, seed: 4 },
  ]);
});

test('many that differ in one number are stretches of it, and every run is in one', () => {
  const outcomes = Array.from({ length: 50 }, (_, i) => outcome(`total = ${1000 + i * 37}\n`, 1 + (i % 3), 50 - i));
  const { kind, title, bars } = distributionOf(outcomes);
  expect(kind).toBe('numbers');
  expect(title).toBe('exit 0: total = …');
  expect(bars.length).toBeLessThanOrEqual(21);
  expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(outcomes.reduce((sum, { count }) => sum + count, 0));
  expect(bars[0].label).toBe('1,000 to 1,099');
  expect(bars.at(-1)!.label).toBe('2,800 to 2,899');
});

test('many that differ otherwise: the common ones, and the rest together', () => {
  const outcomes = Array.from({ length: 30 }, (_, i) => outcome(`${'ab'.repeat(i)}\n`, 2, i + 1));
  const { kind, bars } = distributionOf(outcomes);
  expect(kind).toBe('outcomes');
  expect(bars).toHaveLength(12);
  expect(bars.at(-1)).toEqual({ label: '19 other outcomes', count: 38, seed: undefined });
});
