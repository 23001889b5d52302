/** `pml4 explore` as a process of its own, bundled: its threads run the same bundle. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleCommand } from '../../build.ts';
import { explore } from '../../src/cli/commands/explore.ts';
import { type Code, SHARED, twoProcesses } from '../helpers/code.ts';
import { twoSegments } from '../helpers/tiny-elf.ts';

const TURNS = 300;
const counting = (add: (code: Code) => void) =>
  twoProcesses(
    (code) => code.repeat(TURNS, add),
    (code) => code.repeat(TURNS, add),
    (code) => code.exitWith(SHARED),
  );

let dir: string;
let CLI: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-explore-'));
  await bundleCommand(dir);
  CLI = join(dir, 'cli.js');
  const programs = {
    lost: counting((code) => code.load(0, SHARED).add(0, 1).store(SHARED, 0)),
    atomic: counting((code) => code.lockedIncrement(SHARED)),
    two: twoProcesses(
      (code) => code.increment(SHARED),
      (code) => code.increment(SHARED),
      (code) => code.exitWith(SHARED),
    ),
    spin: twoSegments(new Uint8Array([0xeb, 0xfe])),
  };
  for (const [name, bytes] of Object.entries(programs)) writeFileSync(join(dir, name), bytes);
});
afterAll(() => rmSync(dir, { recursive: true }));

function pml4(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { cwd: dir, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('pml4 explore', () => {
  test('prints the distribution; each outcome is that of the command beside it', () => {
    const { status, stdout, stderr } = pml4('explore', '--seeds', '1..30', 'lost');
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^lost: 30 runs \(seeds 1\.\.30\), \d+ outcomes\n\nruns {2}share {2}outcome/);
    const rows = [...stdout.matchAll(/ exit (\d+) .*pml4 (run --seed \d+ lost)$/gm)];
    expect(rows.length).toBeGreaterThan(2);
    for (const [, exit, words] of rows.slice(0, 3)) expect(pml4(...words.split(' ')).status).toBe(Number(exit));
  });

  test('where nothing depends on the schedule, all runs agree', () => {
    const { status, stdout } = pml4('explore', '--seeds', '1..30', '--jobs', '3', 'atomic');
    expect(status).toBe(0);
    expect(stdout).toContain('30 runs (seeds 1..30), 1 outcome\n');
    expect(stdout).toContain(`  30  100.0%  exit ${(2 * TURNS) & 0xff}  `);
    expect(pml4('explore', '--seeds', '1..3', '--expect', '1', 'atomic').status).toBe(1);
    expect(pml4('explore', '--seeds', '1..3', '--expect', String((2 * TURNS) & 0xff), 'atomic').status).toBe(0);
  });

  test('any number of threads, and shards that are merged, give the same result', { timeout: 120_000 }, () => {
    const found = (...words: string[]) => pml4('explore', '--seeds', '1..50', '--json', '-', ...words, 'lost').stdout;
    const whole = found('--jobs', '1');
    expect(JSON.parse(whole)).toMatchObject({ format: 'pml4 explore 1', seeds: [{ first: 1, last: 50, step: 1 }] });
    expect(found('--jobs', '4')).toBe(whole);
    const files = ['2/2', '1/2'].map((shard, i) => {
      writeFileSync(join(dir, `part${i}`), found('--shard', shard));
      return `part${i}`;
    });
    expect(pml4('explore', '--merge', '--json', 'merged', ...files).stdout).toMatch(/^lost: 50 runs/);
    expect(readFileSync(join(dir, 'merged'), 'utf8')).toBe(whole);
  });

  test('--exhaustive: every schedule of a small program, and the shortest that fails', () => {
    const { status, stdout } = pml4('explore', '--exhaustive', '--expect', '2', 'two');
    expect(status).toBe(1);
    expect(stdout).toBe(`two: 8 schedules (one of each order of conflicting accesses and calls), 2 outcomes
1 place of memory that tasks race for; 16 runs
complete

schedules  share  outcome  instructions  one of them
        4  50.0%  exit 2   28            pml4 run --schedule 101,100 two
        4  50.0%  exit 1   28            pml4 run --schedule 100:1,101,100 two

the shortest schedule that fails: exit 1, 1 preemption, 2 changes of task
  pml4 run --schedule 100:1,101,100 two
  1. task 100: 1 point, the last 0x401046 inc qword [0x10000000] (reads 0x10000000)
  2. task 101: 3 points, until it waits or ends
  3. task 100: 4 points, until it waits or ends
`);
    writeFileSync(join(dir, 'schedule'), '100:1\n101\n100\n');
    expect(pml4('run', '--schedule', 'schedule', 'two').status).toBe(1);
    expect(pml4('run', '--schedule', '107:1', 'two')).toEqual({
      status: 125,
      stdout: '',
      stderr: 'pml4: the schedule does not fit: task 107 cannot go on at turn 1\n',
    });
  });

  test('a run that does not end is an outcome', () => {
    const { status, stdout } = pml4('explore', '--seeds', '1..2', '--max-instructions', '1000', 'spin');
    expect(status).toBe(0);
    expect(stdout).toMatch(/ no end \(--max-instructions\) .* pml4 run --seed 1 --max-instructions=1000 spin$/m);
  });

  test('Ctrl-C prints what was found so far', { timeout: 60_000 }, async () => {
    const interruptAfter = async (ms: number) => {
      const child = spawn(process.execPath, [CLI, 'explore', '--seeds', '1..10000000', 'atomic'], { cwd: dir });
      let stdout = '';
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      setTimeout(() => child.kill('SIGINT'), ms);
      return { status: await new Promise((resolve) => child.on('close', resolve)), stdout };
    };
    // How long it takes until something is found is the host's business.
    let ended = await interruptAfter(2000);
    for (let ms = 4000; (ended.status === null || / 0 runs /.test(ended.stdout)) && ms < 20_000; ms *= 2)
      ended = await interruptAfter(ms);
    expect(ended).toEqual({ status: 130, stdout: expect.stringMatching(/^atomic: [\d,]+ runs? \(seeds /) });
  });

  test.each([
    [[], 'explore needs a PROGRAM'],
    [['--seeds', '5..1', 'lost'], '--seeds: 5..1 is empty'],
    [['--seeds', '5', 'lost'], "--seeds: '5' is not a range such as 1..1000"],
    [['--shard', '3/2', 'lost'], '--shard: 3/2 is not a part: 1/2 is the first'],
    [['--expect', '256', 'lost'], '--expect: 256 is not an exit status: 0 to 255'],
    [['--jobs', '0', 'lost'], '--jobs: must be at least 1'],
    [['--seed', '1', 'lost'], 'unknown option --seed (did you mean --seeds?)'],
    [['--exhaustive', '--jobs', '2', 'lost'], '--jobs does not go with --exhaustive'],
    [['--preemptions', '2', 'lost'], '--preemptions needs --exhaustive'],
    [['--merge'], '--merge needs FILES'],
    [['--merge', 'lost'], 'lost: is not JSON'],
    [['--merge', 'nowhere'], 'nowhere: cannot be read (ENOENT)'],
    [['--merge', '--jobs', '2', 'x'], '--jobs does not go with --merge'],
    [['--stdin', 'nowhere', 'lost'], 'nowhere: cannot be read (ENOENT)'],
  ])('%j is refused', async (words, message) => {
    await expect(explore(words.map((word) => (word === 'lost' ? join(dir, word) : word)))).rejects.toMatchObject({
      message: message.replace('lost:', `${join(dir, 'lost')}:`),
      status: 125,
    });
  });
});
