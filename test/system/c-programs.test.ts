/**
 * C programs as compilers make them, static, with either C library and three ways of optimising: they print and end here
 * as they do on the Linux at hand. Sources: programs/*.c, each about one thing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CCompiler, compileC } from '../../asm/compile.ts';
import { run } from '../../src/index.ts';

const SOURCES = join(import.meta.dirname, 'programs');
const ARGS = ['one', 'two words'];

const V3 = '-O3 -march=x86-64-v3';
const TARGETS: readonly (readonly [compiler: CCompiler, options: string])[] = [
  ['gcc', '-O0'],
  ['gcc', '-O2'],
  ['gcc', V3],
  ['musl-gcc', '-O0'],
  ['musl-gcc', '-O2'],
  ['musl-gcc', V3],
];

const programs = readdirSync(SOURCES)
  .filter((file) => file.endsWith('.c'))
  .sort()
  .map((file) => file.slice(0, -'.c'.length));

/** Whether the processor at hand is an x86-64-v3: AVX2, BMI2 and FMA stand for the rest. */
const hostHasV3 = ['avx2', 'bmi2', 'fma'].every((flag) =>
  readFileSync('/proc/cpuinfo', 'utf8')
    .match(/^flags\s*:.*$/m)?.[0]
    .split(' ')
    .includes(flag),
);

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-c-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function compare(program: string, compiler: CCompiler, options: string): Promise<void> {
  const file = join(dir, program);
  compileC(compiler, ['-mcx16', ...options.split(' ')], join(SOURCES, `${program}.c`), file);
  const native = spawnSync(file, ARGS, { encoding: 'latin1' });
  expect(native.signal, 'natively').toBe(null);
  expect(native.stdout).not.toBe('');
  const result = await run(readFileSync(file), { name: file, args: ARGS, recordFrames: false });
  // What is printed tells more than the status, but not when the program was killed.
  if (result.signal !== undefined) expect(result).toExitWith(native.status!);
  expect(result.stdout.split('\n')).toEqual(native.stdout.split('\n'));
  expect(result).toExitWith(native.status!);
}

describe.each(TARGETS)('%s %s', (compiler, options) => {
  for (const program of programs) {
    if (options === V3 && !hostHasV3) test.skip(`${program}: the processor here is no x86-64-v3`, () => {});
    else test(program, () => compare(program, compiler, options));
  }
});

test('gcc -O2 -static-pie', async () => {
  const file = join(dir, 'pie');
  compileC('gcc', ['-O2', '-static-pie'], join(SOURCES, 'processes.c'), file);
  const native = spawnSync(file, ARGS, { encoding: 'latin1' });
  const result = await run(file, { args: ARGS });
  expect(result).toHaveStdout(native.stdout);
  expect(result).toExitWith(4);
  expect(result).toExitWith(5, result.processes[1]);
});
