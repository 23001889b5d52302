/** The guest programs against the Linux at hand: what is recorded is what it does, and pml4 does the same. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareFixtures, describeToolchainDifference } from '../../asm/build.ts';
import { ENVIRONMENT, runNatively, straceNatively } from '../../asm/record.ts';
import { StraceWriter } from '../../src/cli/strace.ts';
import { run } from '../../src/index.ts';
import { comparableOutput, comparableStrace, fixtures } from '../helpers/fixtures.ts';
import { processEndings } from '../helpers/normalise.ts';

/** Linux tells some things to root only; who is not root cannot compare those. */
const isRoot = process.getuid?.() === 0;

test('nasm, ld and musl-gcc make the committed files', () => {
  expect(compareFixtures(false), describeToolchainDifference()).toEqual([]);
});

describe.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
  test.skipIf(fixture.asRoot && !isRoot)('Linux does what is recorded', () => {
    const { stdout, status } = runNatively(fixture);
    expect(comparableOutput(fixture, stdout.toString('latin1'))).toBe(comparableOutput(fixture, fixture.stdout));
    expect(status).toEqual(fixture.status);
    const strace = straceNatively(fixture);
    expect(comparableStrace(fixture, strace)).toBe(comparableStrace(fixture, fixture.strace));
    expect(processEndings(strace)).toEqual(fixture.processes);
  });

  test.skipIf(fixture.asRoot && !isRoot)('pml4 does what Linux does', async () => {
    let strace = '';
    const observer = new StraceWriter((text) => {
      strace += text;
    });
    const native = runNatively(fixture);
    const options = { name: `./${fixture.name}`, args: fixture.args, env: ENVIRONMENT, observer };
    const result = await run(readFileSync(fixture.path), options);
    expect(comparableOutput(fixture, result.stdout)).toBe(comparableOutput(fixture, native.stdout.toString('latin1')));
    expect(comparableStrace(fixture, strace)).toBe(comparableStrace(fixture, straceNatively(fixture)));
    if ('exit' in native.status) expect(result).toExitWith(native.status.exit);
    else expect(result).toBeKilledBy(native.status.signal);
  });
});

test('qemu-x86_64 prints the same for the demo', () => {
  const demo = fixtures.find(({ name }) => name === 'shm_demo')!;
  const { stdout, status } = spawnSync('qemu-x86_64', [demo.path], { encoding: 'latin1' });
  expect([stdout, status]).toEqual([demo.stdout, 0]);
});
