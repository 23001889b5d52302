/** dist/cli.js: the command with the code cache that it makes for itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleCommand } from '../../build.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/empty', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'pml4-launcher-'));
const cacheRoot = join(directory, 'cache');

beforeAll(() => bundleCommand(directory));
afterAll(() => rmSync(directory, { recursive: true }));

function run(...words: string[]): number | null {
  const env = { ...process.env, NODE_COMPILE_CACHE: cacheRoot };
  return spawnSync(process.execPath, [join(directory, 'cli.js'), ...words], { env }).status;
}

/** Standard output of the command, from its bundle or from the sources. */
function printed(file: string, ...words: string[]): string {
  return spawnSync(process.execPath, [file, ...words], { encoding: 'utf8' }).stdout;
}

/** Path and text of the one file. */
function cacheFile(): [path: string, bytes: Buffer] {
  const [path, ...more] = readdirSync(cacheRoot, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('pml4-'))
    .map((name) => join(cacheRoot, name));
  expect(more).toEqual([]);
  return [path, readFileSync(path)];
}

test('the first run makes the cache, the next one runs with it', () => {
  expect(run('run', PROGRAM)).toBe(0);
  expect(cacheFile()[1].at(-1)).toBe(1);
  expect(run('run', PROGRAM)).toBe(0);
  expect(run('run')).toBe(125);
});

test('the other commands have a bundle with a cache of its own, and answer who asks how to run', () => {
  const elsewhere = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'cache of the others') };
  for (const words of [['nonsense'], ['--version'], ['run', '--help'], ['run', '-h'], ['help', 'run']]) {
    const [bundled, source] = [join(directory, 'cli.js'), MAIN].map((file) =>
      spawnSync(process.execPath, [file, ...words], { env: elsewhere, encoding: 'utf8' }),
    );
    expect([bundled.status, bundled.stdout, bundled.stderr], words.join(' ')).toEqual([
      source.status,
      source.stdout,
      source.stderr,
    ]);
  }
  expect(cacheFile()[1].at(-1)).toBe(1);
});

test('a cache that V8 rejects is replaced', () => {
  const [path, made] = cacheFile();
  writeFileSync(path, Buffer.alloc(1000, 7));
  expect(run('run', PROGRAM)).toBe(0);
  expect(cacheFile()[1].length).toBeGreaterThan(made.length / 2);
});

test.each([['--syscalls'], ['--isa']])(
  'the bundle asks its parts for the same when they are needed: info %s',
  (what) => {
    const expected = printed(MAIN, 'info', what);
    expect(expected.split('\n').length).toBeGreaterThan(100);
    expect(printed(join(directory, 'cli.js'), 'info', what)).toBe(expected);
  },
);
