/**
 * Every vector recorded from silicon (test/silicon), in every way this machine can run instructions (where code is translated, some of
 * them: Strategy.share). `npm run vectors`
 * records them anew.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allEncodings, decode } from '../../src/cpu/decode.ts';
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

test('there are at least 100,000 vectors', () => {
  expect(all.length).toBeGreaterThanOrEqual(100_000);
});

/** Not recorded: system calls, what answers differently on each machine, selectors, control registers, and #UD by definition. */
const LEFT_OUT = new Set([
  'syscall', 'sysret', 'int', 'int1', 'cpuid', 'rdtsc', 'rdtscp', 'rdpmc', 'rdpid', 'sgdt', 'sidt', 'sldt', 'str', 'smsw', 'lmsw', 'clts',
  'invpcid', 'prefetchit0', 'prefetchit1', 'cldemote', 'rdrand', 'rdseed', 'xgetbv', 'xsetbv', 'xsavec', 'xsavec64', 'ud0', 'ud1', 'pop FS', 'pop GS', 'mov sreg, rv/m16',
  'retfw|retf|retfq', 'iretw|iret|iretq', 'mov rm64, cr', 'mov rm64, dr', 'mov cr, rm64', 'mov dr, rm64',
]); // biome-ignore format: a list of names

test('every encoding has 20 vectors at each operand size', () => {
  const counts = new Map<string, number>();
  for (const { before } of files.flatMap(({ name, vectors }) => (isSequence(name) ? [] : vectors))) {
    const insn = decode(before.code, 0, before.code.length, before.rip);
    if (typeof insn === 'string') continue;
    const key = `${insn.def.mnemonic} ${insn.def.encodings[insn.encoding].join(' ')}`;
    for (const one of [key, `${key}: ${insn.width} bits`]) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  const missing = allEncodings()
    .filter(({ def, index }) => {
      const [, operands] = def.encodings[index];
      return !LEFT_OUT.has(def.mnemonic) && !LEFT_OUT.has(`${def.mnemonic} ${operands}`);
    })
    .map(({ def, index }) => `${def.mnemonic} ${def.encodings[index].join(' ')}`)
    .filter((key) => !counts.has(key));
  expect(missing).toEqual([]);
  // The prefix is not looked for: it comes up a few times.
  const few = ([key, count]: [string, number]) => count < 20 && !key.startsWith('nop F2 90');
  expect([...counts].filter(few)).toEqual([]);
});

const isSequence = (name: string): boolean => name.endsWith('sequence');

describe.each(STRATEGIES)('$name', ({ run, share }) => {
  const machine = new TestMachine();
  test.each(files)('$name', ({ name, vectors }) => {
    const failures: string[] = [];
    let failed = 0;
    const every = isSequence(name) ? share.sequence : share.single;
    for (const [index, vector] of vectors.entries()) {
      // The last of each few: shares of 2 and of 4 are not the same ones.
      if (index % every !== (every === 2 ? 0 : every - 1)) continue;
      const found = check(machine, vector, run);
      if (found.length > 0 && failed++ < SHOWN) failures.push(describeFailure(vector, found));
    }
    expect(failures.join('\n\n'), `${failed} of ${vectors.length} vectors differ from silicon`).toBe('');
  });
});
