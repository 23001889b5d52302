/** Outcomes, sets of seeds, and parts of campaigns that merge. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Campaign, type CampaignSubject, parseCampaign } from '../../src/explore/campaign.ts';
import { endingText, outcomeOf, type RunOutcome } from '../../src/explore/outcome.ts';
import { compress, expand, type Progression, shardOf, sizeOf } from '../../src/explore/seed-set.ts';
import { run } from '../../src/index.ts';
import { Code, SHARED, twoProcesses } from '../helpers/code.ts';

const SUBJECT: CampaignSubject = { program: 'p', args: [], digest: 'd', options: [], comparison: 'all' };
const exit = (status: number): RunOutcome => ({ end: 'exited', status, stdout: '', stderr: '' });

describe('seeds', () => {
  test.each([
    [1, 10, 1, 3, { first: 1, last: 10, step: 3 }],
    [1, 10, 2, 3, { first: 2, last: 8, step: 3 }],
    [1, 10, 3, 3, { first: 3, last: 9, step: 3 }],
    [5, 5, 1, 1, { first: 5, last: 5, step: 1 }],
    [5, 6, 3, 4, undefined],
  ])('%i..%i, shard %i of %i', (from, to, index, count, expected) => {
    expect(shardOf(from, to, index, count)).toEqual(expected);
  });

  test('shards have every seed once', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 9 }), (from, more, count) => {
        const shards = Array.from({ length: count }, (_, i) => shardOf(from, from + more, i + 1, count));
        const seeds = [...expand(shards.filter((shard) => shard !== undefined))].sort((a, b) => a - b);
        expect(seeds).toEqual(Array.from({ length: more + 1 }, (_, i) => from + i));
        expect(shards.reduce((sum, shard) => sum + (shard === undefined ? 0 : sizeOf(shard)), 0)).toBe(more + 1);
      }),
    );
  });

  test('a set is the same after it was written down, in whatever order it came', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60)), (seeds) => {
        const sorted = seeds.toSorted((a, b) => a - b);
        expect([...expand(compress(seeds))]).toEqual(sorted);
        expect(compress(seeds)).toEqual(compress(sorted));
      }),
    );
    expect(compress([4, 1, 3, 2])).toEqual<Progression[]>([{ first: 1, last: 4, step: 1 }]);
  });
});

describe('a campaign', () => {
  test('counts outcomes, with the smallest seed and the range of instructions', () => {
    const campaign = new Campaign(SUBJECT);
    campaign.add(7, exit(0), 10);
    campaign.add(3, exit(1), 30);
    campaign.add(5, exit(0), 8);
    expect(campaign.outcomes()).toEqual([
      { outcome: exit(0), count: 2, seed: 5, instructions: { least: 8, most: 10 } },
      { outcome: exit(1), count: 1, seed: 3, instructions: { least: 30, most: 30 } },
    ]);
  });

  test('in parts that are merged in any order is the same', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40)), fc.integer({ min: 1, max: 5 }), (seeds, parts) => {
        const statusOf = (seed: number) => (seed * 7) % 4;
        const whole = new Campaign(SUBJECT);
        const split = Array.from({ length: parts }, () => new Campaign(SUBJECT));
        for (const [i, seed] of seeds.entries())
          for (const campaign of [whole, split[i % parts]]) campaign.add(seed, exit(statusOf(seed)), 100 + seed);
        const merged = new Campaign(SUBJECT);
        for (const part of split.reverse()) merged.merge(parseCampaign(JSON.stringify(part)));
        expect(JSON.stringify(merged)).toBe(JSON.stringify(whole));
      }),
    );
  });

  test('takes nothing that does not belong to it', () => {
    const campaign = new Campaign(SUBJECT);
    campaign.add(1, exit(0), 1);
    expect(() => campaign.merge(campaign.toJSON())).toThrow('seed 1 is in two of the results');
    expect(() => campaign.merge(new Campaign({ ...SUBJECT, digest: 'e' }).toJSON())).toThrow('different campaigns');
    for (const text of ['', '{}', '[1]', 'null', '{"format":"pml4 explore 1"}'])
      expect(() => parseCampaign(text)).toThrow(/is not|is damaged/);
    const endless = { ...campaign.toJSON(), seeds: [{ first: 0, last: 1e15, step: 1 }] };
    expect(() => parseCampaign(JSON.stringify(endless))).toThrow('is damaged');
  });
});

describe('an outcome', () => {
  const of = async (code: Code) => outcomeOf(await run(code.program()), 'all');
  /** Writes bytes, which follow the code at the end of the instruction pointer's page. */
  const writes = (bytes: number[]): Code => {
    const code = new Code().share();
    for (const [i, byte] of bytes.entries()) code.mov(0, byte).store(SHARED + i, 0);
    return code.call(1, 1, SHARED, bytes.length).exit(3);
  };

  test('has its output as text, whatever the bytes are', async () => {
    expect(await of(writes([0x68, 0x69, 0x0a]))).toEqual({ end: 'exited', status: 3, stdout: 'hi\n', stderr: '' });
    expect((await of(writes([0x5c, 0x00, 0xc3, 0xa9]))).stdout).toBe('\\\\\\x00é');
    expect((await of(writes([0xff, 0x41, 0x5c]))).stdout).toBe('\\xffA\\\\');
  });

  test('of much output is cut, and told apart by its digest', async () => {
    const long = (last: number) => {
      const code = new Code().call(9, SHARED, 8192, 3, 0x31, -1, 0).mov(0, last).store(SHARED + 8000, 0);
      return of(code.call(1, 1, SHARED, 8192).exit(0));
    };
    const [a, b] = [await long(1), await long(2)];
    expect(a.stdout).not.toBe(b.stdout);
    expect(a.stdout).toMatch(/\.\.\. \(8192 bytes, SHA-256 [0-9a-f]{64}\)$/);
  });

  test('of a deadlock names who waits for what', async () => {
    // Each reads from a pipe that both hold open: nobody ever writes.
    const read = (code: Code) => code.load(7, SHARED).emit(0x89, 0xff).call(0).exit(0);
    const code = new Code().share().call(22, SHARED).call(57).compare(0, 0).jumpIfEqual('child');
    read(code);
    read(code.label('child'));
    const outcome = await of(code);
    expect(outcome).toMatchObject({ end: 'deadlock' });
    expect(outcome.waiting).toEqual([
      expect.stringMatching(/^pid 100 program: read\(3, /),
      expect.stringMatching(/^pid 101 program: read\(3, /),
    ]);
    expect(endingText(outcome)).toBe('deadlock');
  });

  test('may be the ending alone', async () => {
    const result = await run(twoProcesses((c) => c.call(1, 1, SHARED, 8), (c) => c, (c) => c.exit(0)));
    expect(await outcomeOf(result, 'ending')).toEqual({ end: 'exited', status: 0, stdout: '', stderr: '' });
  });
}); // biome-ignore format: short programs
