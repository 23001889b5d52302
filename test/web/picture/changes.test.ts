/** What is loud in the picture: entries, frames and bytes that differ from the view before; and what is said of a walk's end. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findChanges, pageKey } from '../../../src/web/app/picture/changes.ts';
import { describePicture } from '../../../src/web/app/picture/describe.ts';
import { describeEnd, describeReferences, describeWrite } from '../../../src/web/app/picture/words.ts';
import type { MachineView, Move } from '../../../src/web/protocol.ts';
import { Session } from '../../../src/web/worker/session.ts';

const SHARED = 0x7ffff7ffe000n;
const TO_FORK: Move = { kind: 'event', goal: 'fork', direction: 'forward' };

async function open(name: string, address = SHARED) {
  const session = new Session();
  let view = await session.open({ path: name, program: readFileSync(`fixtures/${name}`) }, { address }, 400);
  const go = async (move: Move, at = address): Promise<{ before: MachineView; view: MachineView }> => {
    const before = view;
    view = await session.move(move, { tid: view.tid, address: at });
    return { before, view };
  };
  return { session, view, go };
}
const spaceOf = (view: MachineView, pid = 100) => view.processes.find((one) => one.pid === pid)!.space!;

test('a store changes bytes, and no entry', async () => {
  const { go } = await open('shm_demo');
  const { view: forked } = await go(TO_FORK);
  const { pfn } = spaceOf(forked).walk!;
  const { before, view } = await go({ kind: 'event', goal: 'store', direction: 'forward', pfn });
  const { entries, bytes, newFrames } = findChanges(before, view);
  expect([entries.size, newFrames.size]).toEqual([0, 0]);
  expect([...bytes]).toEqual([[pfn, new Set([0, 1, 2, 3, 4, 5, 6, 7])]]);
});

test('the frame that is run to need not be the selected address', async () => {
  const { go, session } = await open('shm_demo', 0x401000n);
  const { view } = await go(TO_FORK);
  const shared = view.frames.find(({ kind }) => kind === 'shared')!;
  const { view: stored } = await go({ kind: 'event', goal: 'store', direction: 'forward', pfn: shared.pfn });
  expect(stored.frames.find(({ pfn }) => pfn === shared.pfn)?.bytes?.[0]).toBe(0xbe);
  expect(await session.whoWroteFrame(shared.pfn, 0)).toMatchObject({ pid: 100, by: 'program' });
});

test('a page that is unmapped has gone from its process alone', async () => {
  const { go, session } = await open('shm_demo');
  const unmap = (await session.lookAhead([{ kind: 'end' }], {})).events.findLast(
    ({ detail }) => detail.kind === 'mapping',
  )!;
  const to = (event: number): Move => ({ kind: 'goto', position: { instruction: unmap.instruction, event } });
  await go(to(unmap.number - 1));
  const { before, view } = await go(to(unmap.number));
  const { entries } = findChanges(before, view);
  expect([...entries.keys()]).toEqual([pageKey(100, SHARED)]);
  expect(entries.get(pageKey(100, SHARED))?.after).toBe(0n);
});

test.each([
  [0x20000000n, ['and no area: SIGSEGV']],
  [0x7fffffff0000n, ['a read gets the frame of zeros', 'a write gets a new frame of zeros']],
] as const)('where the walk of %s ends, and what would follow', async (address, expected) => {
  const { view } = await open('private_demo', address);
  const [where, ...rest] = describeEnd(spaceOf(view).walk!, true);
  expect(where).toMatch(/^no (PML4|PDPT|PD|PT) entry is present: #PF$/);
  expect(rest).toEqual(expected);
  // While a prediction is open, that is not told.
  expect(describeEnd(spaceOf(view).walk!, false)).toEqual([where]);
});

test('an address that is not canonical has no walk', async () => {
  const { view } = await open('private_demo', 0x8000_0000_0000_0000n);
  expect(describeEnd(spaceOf(view).walk!, true)).toEqual(['not canonical: #GP, no walk']);
});

test('what a write to a page would meet', async () => {
  const { go } = await open('private_demo');
  expect(describeWrite(spaceOf((await go(TO_FORK)).view).walk!)).toBe('a write: #PF, a private copy');
  expect(describeWrite(spaceOf((await go({ kind: 'start' }, 0x401000n)).view).walk!)).toMatch(/SIGSEGV/);
});

test('in words: both walks, areas, and each frame with who maps it', async () => {
  const { go } = await open('shm_demo');
  const { view } = await go(TO_FORK);
  const text = describePicture(view, view.processes).join('\n');
  const { walk } = spaceOf(view);
  const frame = `0x${(walk!.pfn! * 4096).toString(16).padStart(8, '0')}`;
  expect(text).toContain(`Frame ${frame}: shared, 2 mappings: 100, 101; 3 references, 1 by the page cache.`);
  expect(text.match(new RegExp(`PT entry 510 leads to frame ${frame}`, 'g'))).toHaveLength(2);
  expect(describeReferences(view.frames.find(({ kind }) => kind === 'copy on write')!)).toBe('2 references');
});
