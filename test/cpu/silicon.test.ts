/**
 * Every vector recorded from silicon (test/silicon), in every way this machine can run instructions. `npm run vectors`
 * records them anew.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TestMachine } from '../silicon/machine.ts';
import { check, describeFailure } from '../silicon/report.ts';
import { STRATEGIES } from '../silicon/strategies.ts';
import { unpackVectors, type Vector } from '../silicon/vector-file.ts';

const FOLDER = join(import.meta.dirname, '../silicon/vectors');
const SHOWN = 5;

const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.bin.gz'))
  .map((name) => ({ name: basename(name, '.bin.gz'), vectors: unpackVectors(readFileSync(join(FOLDER, name))) }));
const all: readonly Vector[] = files.flatMap(({ vectors }) => vectors);

test('there are at least 20,000 vectors', () => {
  expect(all.length).toBeGreaterThanOrEqual(20_000);
});

describe.each(STRATEGIES)('$name', ({ run, sequenceShare }) => {
  const machine = new TestMachine();
  test.each(files)('$name', ({ name, vectors }) => {
    const failures: string[] = [];
    let failed = 0;
    for (const [index, vector] of vectors.entries()) {
      if (name === 'sequence' && index % sequenceShare !== 0) continue;
      const found = check(machine, vector, run);
      if (found.length > 0 && failed++ < SHOWN) failures.push(describeFailure(vector, found));
    }
    expect(failures.join('\n\n'), `${failed} of ${vectors.length} vectors differ from silicon`).toBe('');
  });
});
