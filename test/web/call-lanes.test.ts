/** The lanes of system calls hold the lines that strace(1) wrote on Linux, each in the lane of its process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIXTURES_DIR } from '../../asm/programs.ts';
import { ENVIRONMENT } from '../../asm/record.ts';
import { layOutCalls, rowsUntil, sleepsWithin } from '../../src/web/app/panels/call-lanes.ts';
import { Session } from '../../src/web/worker/session.ts';
import { comparableStrace, fixtures } from '../helpers/fixtures.ts';

async function lanesOf(name: string, args: readonly string[] = []) {
  const session = new Session();
  const program = readFileSync(join(FIXTURES_DIR, name));
  const view = await session.open({ path: `./${name}`, program, args, env: ENVIRONMENT }, {}, 20_000);
  return { ...layOutCalls(view.newEvents), view };
}

test('the demo: the lines of its recorded strace, fork and sleep where they belong', async () => {
  const { lanes, rows, view } = await lanesOf('shm_demo');
  expect(lanes.map(({ pid, sleeps }) => [pid, sleeps.length])).toEqual([
    [100, 1],
    [101, 0],
  ]);
  const fork = rows.find(({ name }) => name === 'fork')!;
  expect([fork.lane, fork.child]).toEqual([0, 1]);
  const [sleep] = lanes[0].sleeps;
  expect(rows[sleep.from].text).toBe('wait4(-1,  <unfinished ...>');
  expect(rows[sleep.to!].text).toBe('<... wait4 resumed>NULL, 0, NULL) = 101');
  expect(rowsUntil(rows, 0)).toBe(0);
  expect(rowsUntil(rows, view.end.event)).toBe(rows.length);
});

test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s: as on Linux', async (name, fixture) => {
  const { lanes, rows } = await lanesOf(name, fixture.args);
  const shown = rows.map(({ lane, text }) => `${lanes[lane].tid}  ${text}`).join('\n');
  expect(comparableStrace(fixture, shown)).toBe(comparableStrace(fixture, fixture.strace));
});

test('of many sleeps those in sight', () => {
  const sleeps = Array.from({ length: 1000 }, (_, i) => ({ from: 10 * i, to: 10 * i + 5 }));
  expect(sleepsWithin(sleeps, 96, 112)).toEqual([sleeps[10], sleeps[11]]);
  expect(sleepsWithin(sleeps, 94, 95)).toEqual([sleeps[9]]);
  expect(sleepsWithin([{ from: 3, to: undefined }], 100, 200)).toHaveLength(1);
});
