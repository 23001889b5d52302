/** What the browser view says of the guest programs, read from their sources. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../../asm/catalogue.ts';
import { ASM_DIR, programs } from '../../asm/programs.ts';

const entries = catalogue();

test('every program once, the published demo and its twins first', () => {
  expect(entries.map(({ name }) => name).sort()).toEqual(programs.map(({ name }) => name).sort());
  expect(entries.slice(0, 3).map(({ name }) => name)).toEqual(['shm_demo', 'private_demo', 'shm_demo_fixed']);
});

test('the demo, as its first lines say', () => {
  expect(entries[0]).toEqual({
    name: 'shm_demo',
    title: 'Shared memory demo',
    description: 'Demonstrates MAP_SHARED across fork: parent and child share physical pages.',
    lesson: '',
    sources: ['shared_memory_demo.asm'],
    args: [],
    linkOptions: [],
  });
});

test('a lesson of several lines, a heading that is none of it, and a source in C', () => {
  expect(entries.find(({ name }) => name === 'ring_buffer')).toMatchObject({
    description: 'A producer hands 200 numbers to a consumer through a ring of 8 places in shared memory.',
    lesson: 'with one producer and one consumer no lock is needed: the item is stored before the cursor that shows it.',
  });
  expect(entries.find(({ name }) => name === 'atomic_counter')).toMatchObject({
    description: "The case study's own program in C: parent and child count to 200000 together with atomic_fetch_add.",
    lesson: 'the mapping has to be MAP_SHARED, and the addition has to be atomic; neither replaces the other.',
  });
});

test.each(entries.map((entry) => [entry.name, entry] as const))('%s: one sentence, and all its sources', (_, entry) => {
  const { title, description, sources } = entry;
  expect(title).toMatch(/^[A-Z][A-Za-z0-9 ]+$/);
  expect(description).toMatch(/^\S.{3,250}[.?!)]$/);
  for (const source of sources) expect(existsSync(join(ASM_DIR, source)), source).toBe(true);
  const included = sources
    .filter((source) => !source.endsWith('.c'))
    .flatMap((source) => [...readFileSync(join(ASM_DIR, source), 'utf8').matchAll(/%include "(.*)"/g)])
    .map(([, file]) => `include/${file}`);
  expect(sources).toEqual(expect.arrayContaining(included));
});
