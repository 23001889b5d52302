/** The page's machine with `asPrivate`: the same program, in which nothing is shared. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ProgramSpec } from '../../src/web/protocol.ts';
import { Session } from '../../src/web/worker/session.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const SURVEY_MS = 5000;

async function lastFrames(asPrivate: boolean): Promise<{ frames: number; statuses: (number | undefined)[] }> {
  const session = new Session();
  const spec: ProgramSpec = { path: 'shm_demo_fixed', program: readFileSync(fixturePath('shm_demo_fixed')), asPrivate };
  const start = await session.open(spec, {}, SURVEY_MS);
  const [call] = start.newEvents.flatMap(({ detail }) => (detail.kind === 'return' && detail.name === 'mmap' ? [detail] : [])); // biome-ignore format: one line
  const exits = start.newEvents.filter(({ detail }) => detail.kind === 'exit');
  const address = BigInt.asUintN(64, call.result!);
  // The child is about to ask for its end, with all its memory.
  const before = { instruction: exits[0].instruction - 1 };
  const view = await session.move({ kind: 'goto', position: before }, { address });
  const pfns = view.processes.map(({ space }) => space?.walk?.pfn);
  const statuses = exits.map(({ detail }) => (detail.kind === 'exit' ? detail.status : undefined));
  return { frames: new Set(pfns).size, statuses };
}

test('one frame and the right value when shared; two frames and a child that fails when private', async () => {
  expect(await lastFrames(false)).toEqual({ frames: 1, statuses: [0, 0] });
  expect(await lastFrames(true)).toEqual({ frames: 2, statuses: [1, 0] });
});
