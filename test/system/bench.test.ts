/** The benchmark programs, as far as they are about being right: pml4 prints what the silicon does. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coldProgram } from '../../bench/cold.ts';
import { buildPrograms } from '../../bench/programs.ts';
import { run } from '../../src/index.ts';

const programs = buildPrograms([]);

test.each(programs.map(({ name, file }) => [name, file!] as const))('%s', async (_name, file) => {
  const native = execFileSync(file, { encoding: 'latin1' });
  const result = await run(readFileSync(file), { recordFrames: false });
  expect(result).toHaveStdout(native);
  expect(result).toExitWith(0);
});

test('the generator of cold code always writes the same', () => {
  expect(coldProgram(100)).toBe(coldProgram(100));
  expect(coldProgram(100, 3)).not.toBe(coldProgram(100));
});
