/** Every guest program, against what real Linux printed, how it ended, and the calls it made there. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENT } from '../asm/record.ts';
import { StraceWriter } from '../src/cli/strace.ts';
import { type RunOptions, run } from '../src/index.ts';
import { comparableOutput, comparableStrace, type Fixture, fixturePath, fixtures } from './helpers/fixtures.ts';
import { processEndings } from './helpers/normalise.ts';

async function trace({ name, path, args }: Fixture, options: RunOptions = {}) {
  let strace = '';
  const observer = new StraceWriter((text) => {
    strace += text;
  });
  return {
    result: await run(readFileSync(path), {
      name: `./${name}`,
      args,
      env: ENVIRONMENT,
      observer,
      ...options,
    }),
    strace,
  };
}

const cases = fixtures.map((fixture) => [fixture.name, fixture] as const);

describe.each(cases)('%s', (_name, fixture) => {
  test('prints, calls and ends as on Linux', async () => {
    const { result, strace } = await trace(fixture);
    if (fixture.varying.length === 0) expect(result).toHaveStdout(fixture.stdout);
    expect(comparableOutput(fixture, result.stdout)).toBe(comparableOutput(fixture, fixture.stdout));
    expect(comparableStrace(fixture, strace)).toBe(comparableStrace(fixture, fixture.strace));
    expect(processEndings(strace)).toEqual(fixture.processes);
    if ('exit' in fixture.status) expect(result).toExitWith(fixture.status.exit);
    else expect(result).toBeKilledBy(fixture.status.signal);
  });

  test('does the same in slices of another length', async () => {
    const { strace } = await trace(fixture, { quantum: 777 });
    expect(comparableStrace(fixture, strace)).toBe(comparableStrace(fixture, fixture.strace));
    expect(processEndings(strace)).toEqual(fixture.processes);
  });
});

describe('the demo', () => {
  const demo = () => run(fixturePath('shm_demo'));

  test('prints what the case study says, and its child exits 1, as on hardware', async () => {
    const result = await demo();
    expect(result).toHaveStdout('Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n');
    const [parent, child] = result.processes;
    expect(result).toExitWith(0);
    expect(result).toExitWith(0, parent);
    expect(result).toExitWith(1, child);
  });

  test('executes its hundred million turns', async () => {
    const { instructions, processes } = await demo();
    expect(processes[1].instructions).toBeGreaterThan(200_000_000);
    expect(instructions).toBe(processes[0].instructions + processes[1].instructions);
  });

  test('shares one frame between parent and child', async () => {
    const result = await demo();
    const [parent, child] = result.processes;
    const page = result.syscalls.find(({ name }) => name === 'mmap')?.result;
    expect(result).toShareFrame(parent, child, page);
    expect(result).toHaveSyscalls(['mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7f']);
    expect(result).toHaveSyscalls(
      ['mmap', `fork() = ${child.pid}`, /^write\(1, "Parent/, 'wait4', 'munmap', 'exit(0) = ?'],
      parent,
    );
  });

  test('its private twin has two frames', async () => {
    const result = await run(fixturePath('private_demo'));
    const [parent, child] = result.processes;
    const page = result.syscalls.find(({ name }) => name === 'mmap')?.result;
    expect(result).not.toShareFrame(parent, child, page);
    expect(result).not.toShareFrame(parent, child);
    expect(result).toPrint('Child read: 0x0000000000000000');
  });

  test('its repaired form prints the value that the parent wrote', async () => {
    const result = await run(fixturePath('shm_demo_fixed'));
    expect(result).toHaveStdout('Parent wrote: 0xDEADBEEFCAFEBABE\nChild read: 0xDEADBEEFCAFEBABE\n');
    expect(result.processes.map(({ status }) => status)).toEqual([0, 0]);
  });
});
