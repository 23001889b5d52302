/**
 * The C programs of test/linux, each compiled alone and static with either C library: they print and end here as on the
 * Linux at hand, and there as recorded.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileC } from '../../asm/compile.ts';
import { programNames, readExpected, readNotYet, runHere, runNatively, sourceOf } from '../linux/programs.ts';

const { programs } = readExpected();
const notYet = readNotYet();

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-linux-'));
  chmodSync(dir, 0o755);
});
afterAll(() => rmSync(dir, { recursive: true }));

describe.each([
  ['gcc', '-O2'],
  ['musl-gcc', '-O1'],
] as const)('%s %s', (compiler, level) => {
  test.each(programNames)('%s', async (name) => {
    const file = join(dir, name.replace('/', '-'));
    compileC(compiler, ['-std=gnu11', level, '-Wextra', '-Wno-unused-parameter'], sourceOf(name), file);
    const native = runNatively(file);
    expect(native).toEqual(programs[name]);
    if (Object.hasOwn(notYet, name)) return;
    const { ending, lines } = await runHere(readFileSync(file));
    expect({ ending, lines }).toEqual(native);
  });
});
