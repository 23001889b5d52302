/** Looking ahead changes nothing: the machine stands where it stood, and the page still gets every event and write once. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Session } from '../../src/web/worker/session.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const open = async (surveyMs: number) => {
  const session = new Session();
  const program = readFileSync(fixturePath('copy_on_write'));
  return { session, start: await session.open({ path: 'copy_on_write', program }, {}, surveyMs) };
};

test('there and back', async () => {
  const { session } = await open(5000);
  await session.move({ kind: 'event', goal: 'fork', direction: 'forward' }, {});
  const before = session.view({});
  const print = session.fingerprint();
  const ahead = await session.lookAhead([{ kind: 'end' }], {});
  expect(ahead.view.isOver).toBe(true);
  expect(ahead.events[0].number).toBe(before.position.event + 1);
  expect(ahead.events.at(-1)!.text).toBe('+++ exited with 0 +++');
  expect(Buffer.concat(ahead.writes.map(({ bytes }) => bytes)).toString()).toContain('Parent reads: ');
  expect(session.fingerprint()).toBe(print);
  const after = session.view({});
  expect([after.position, after.tid, after.stop]).toEqual([before.position, before.tid, before.stop]);
});

test('no move at all is a look from here', async () => {
  const { session } = await open(5000);
  const { view, events, writes } = await session.lookAhead([], {});
  expect(view.position).toEqual(session.view({}).position);
  expect([events, writes]).toEqual([[], []]);
});

test('breakpoints do not stop it, and count nothing', async () => {
  const { session, start } = await open(5000);
  const { stopPoints } = session.addBreakpoint({ address: start.registers!.rip }, {});
  const ahead = await session.lookAhead([{ kind: 'continue', direction: 'forward' }], {});
  expect(ahead.view.isOver).toBe(true);
  expect(session.view({}).stopPoints).toEqual(stopPoints);
});
