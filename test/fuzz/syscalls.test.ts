/** The fuzzer of system calls, for as long as a unit test may take; `npm run fuzz:syscalls` goes on. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Everything in a directory, with what is in each file. */
function contents(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mode, size, mtimeMs } = lstatSync(join(dir, name));
      const isFile = (mode & 0o170000) === 0o100000;
      return `${name} ${mode} ${size} ${mtimeMs} ${isFile ? readFileSync(join(dir, name), 'latin1') : ''}`;
    });
}

test('20,000 hostile calls with a directory of the host to write to: what is beside it stays as it is', {
  timeout: 120_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-fuzz-'));
  try {
    for (const name of ['outside', 'outside/dir', 'inside', 'inside/dir']) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'outside/secret'), 'secret');
    writeFileSync(join(dir, 'inside/file'), 'file');
    symlinkSync('../outside/secret', join(dir, 'inside/escape'));
    symlinkSync(join(dir, 'outside'), join(dir, 'inside/absolute'));
    const before = contents(join(dir, 'outside'));
    const mounts = [{ host: join(dir, 'inside'), guest: '/mnt', writable: true }];
    const { failures } = await fuzz({ calls: 20_000, seed: 31, mounts });
    expect(failures).toEqual([]);
    expect(contents(join(dir, 'outside'))).toEqual(before);
    expect(readdirSync(dir).sort()).toEqual(['inside', 'outside']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
