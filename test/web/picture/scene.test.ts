/** The picture's layout over whole runs: each frame once, arrows from every entry, and nothing on top of anything else. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { findChanges, NO_CHANGES } from '../../../src/web/app/picture/changes.ts';
import { chooseOne, choosePair } from '../../../src/web/app/picture/choice.ts';
import { layRows } from '../../../src/web/app/picture/rows.ts';
import { layScene } from '../../../src/web/app/picture/scene.ts';
import type { Rect, Scene } from '../../../src/web/app/picture/scene-model.ts';
import type { MachineView } from '../../../src/web/protocol.ts';
import { Session } from '../../../src/web/worker/session.ts';

const SHARED = 0x7ffff7ffe000n;
const program = (name: string) => ({ path: name, program: readFileSync(`fixtures/${name}`) });

async function openAt(name: string, ...goals: ('fork' | 'copy-on-write' | 'store' | 'any' | 'exit')[]) {
  const session = new Session();
  let view = await session.open(program(name), { address: SHARED }, 400);
  for (const goal of goals)
    view = await session.move({ kind: 'event', goal, direction: 'forward' }, { tid: view.tid, address: SHARED });
  return { session, view };
}
const sceneOf = (view: MachineView, width: number, before?: MachineView): Scene => {
  const pair = choosePair(view);
  const processes = width < 560 ? chooseOne(view, pair, []) : pair;
  return layScene(view, { width, processes, changes: before === undefined ? NO_CHANGES : findChanges(before, view) });
};

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const keyOf = (box: Rect): string => ('key' in box ? String(box.key) : '');
const isWithin = (a: Rect, b: Rect): boolean =>
  a.x >= b.x && a.x + a.width <= b.x + b.width && a.y >= b.y && a.y + a.height <= b.y + b.height;

function check(scene: Scene, view: MachineView): void {
  const { frames, columns, arrows, width, height } = scene;
  const whole = { x: 0, y: 0, width, height };
  const areas = columns.flatMap((column) => column.areas);
  for (const box of [...frames, ...areas]) expect(isWithin(box, whole)).toBe(true);
  const blocks: readonly Rect[] = [...frames, ...areas];
  for (const [i, a] of blocks.entries())
    for (const b of blocks.slice(i + 1)) if (overlap(a, b)) expect.unreachable(`${keyOf(a)} lies over ${keyOf(b)}`);
  for (const { pages, areas: own } of columns)
    for (const page of pages)
      if (page.item.area !== undefined)
        expect(own.some((area) => area.item.area === page.item.area && isWithin(page, area))).toBe(true);
  const pfns = frames.map(({ frame }) => frame.pfn);
  expect(new Set(pfns).size).toBe(pfns.length);
  const known = new Set(view.frames.map(({ pfn }) => pfn));
  const leading = columns.flatMap(({ pages }) =>
    pages.flatMap(({ pid, address, item }) =>
      item.page !== undefined && known.has(item.page.pfn) ? [`${pid} ${address} ${item.page.pfn}`] : [],
    ),
  );
  expect(arrows.map(({ pid, address, pfn }) => `${pid} ${address} ${pfn}`).sort()).toEqual(leading.sort());
}

describe.each([
  'shm_demo', 'private_demo', 'copy_on_write', 'four_mappings', 'shared_file', 'exec_mappings', 'vfork', 'madvise_dontneed',
  'munmap_holes', 'pipe_family', 'guard_page', 'shared_library',
])('%s', (name) => {
  test('at every event, at three widths', async () => {
    const { session, view: first } = await openAt(name);
    let [before, view] = [first, first];
    for (let i = 0; i < 60 && !view.isOver; i++) {
      for (const width of [340, 690, 1300]) check(sceneOf(view, width, before), view);
      const event = view.stop.event?.detail;
      const address = event?.kind === 'fault' ? event.address : event?.kind === 'mapping' ? event.start : SHARED;
      before = view;
      view = await session.move({ kind: 'event', goal: 'any', direction: 'forward' }, { tid: view.tid, address });
    }
  });
}); // biome-ignore format: a list of names

describe('the demo after its fork', () => {
  let view: MachineView;
  beforeAll(async () => {
    ({ view } = await openAt('shm_demo', 'fork'));
  });

  test('the shared page is one frame across the middle, with an arrow from each side, in the opened row', () => {
    const scene = sceneOf(view, 700);
    const shared = scene.frames.filter(({ frame }) => frame.kind === 'shared');
    expect(shared).toMatchObject([{ isOpen: true, sides: ['left', 'right'] }]);
    expect(scene.arrows.filter(({ pfn }) => pfn === shared[0].frame.pfn)).toMatchObject([
      { pid: 100, isLoud: true },
      { pid: 101, isLoud: true },
    ]);
  });
  test('rows are by address, and side by side where both have the same', () => {
    const rows = layRows(
      choosePair(view).map(({ pid, space }) => ({ pid, space })),
      SHARED,
      NO_CHANGES,
    );
    const pages = rows.filter(({ kind }) => kind === 'page');
    expect(pages.every(({ items }) => items.every((item) => item?.page !== undefined))).toBe(true);
    expect(pages.map(({ address }) => address)).toEqual([0x401000n, 0x402000n, SHARED, 0x7fffffffe000n]);
    expect(pages.map(({ isSelected }) => isSelected)).toEqual([false, false, true, false]);
  });
  test('an address that nobody has mapped gets a row of its own, and a walk that ends early', async () => {
    const session = new Session();
    const at = await session.open(program('shm_demo'), { address: 0x20000000n }, 10);
    const { columns } = sceneOf(at, 700);
    expect(columns[0].pages.find(({ isSelected }) => isSelected)).toMatchObject({
      item: { area: undefined, page: undefined },
    });
    expect(columns[0].walk?.steps.map(({ level }) => level)).toEqual(
      ['PML4', 'PDPT', 'PD'].slice(0, columns[0].walk?.steps.length),
    );
  });
});

test('the private twin: one frame before the break, two after it, one at each side', async () => {
  const { view: forked, session } = await openAt('private_demo', 'fork');
  expect(sceneOf(forked, 700).frames.filter(({ isOpen }) => isOpen)).toMatchObject([{ sides: ['left', 'right'] }]);
  const broken = await session.move(
    { kind: 'event', goal: 'copy-on-write', direction: 'forward' },
    { tid: 100, address: SHARED },
  );
  const open = sceneOf(broken, 700, forked).frames.filter(({ isOpen }) => isOpen);
  expect(open).toMatchObject([
    { sides: ['left'], isNew: true },
    { sides: ['right'], isNew: false, mappingsBefore: 2 },
  ]);
});

test('an area with many pages shows a few, and counts the others', async () => {
  const { view } = await openAt('pipe_family', 'fork', 'fork');
  const { columns } = sceneOf(view, 700);
  const fold = columns[0].folds[0];
  const rows = columns[0].pages.filter(({ item }) => item.area === fold.item.area && item.page !== undefined);
  expect(rows.length + fold.item.hidden).toBe(fold.item.area?.present);
  expect(rows.length).toBeLessThan(8);
});

test('processes that run on one page table have its areas once', async () => {
  const { view } = await openAt('vfork', 'fork');
  const { columns } = sceneOf(view, 700);
  expect(columns.map(({ sharesWith, areas }) => [sharesWith, areas.length > 0])).toEqual([
    [undefined, true],
    [100, false],
  ]);
});
