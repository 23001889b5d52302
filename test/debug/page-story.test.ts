/** Page events of real runs: what is drawn comes from the entries in the frames. */
import { describe, expect, test } from 'vitest';
import { StraceWriter } from '../../src/cli/strace.ts';
import type { PageEvent } from '../../src/debug/page-events.ts';
import { PageStory } from '../../src/debug/page-story.ts';
import { loadImage, Machine } from '../../src/index.ts';
import { combineObservers } from '../../src/machine/recorder.ts';
import { PTE_A, PTE_COW, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US, ptePfn } from '../../src/mem/pte.ts';
import { drawPageEvent } from '../../src/story/pages.ts';
import { fixturePath, fixtures } from '../helpers/fixtures.ts';

async function story(name: string): Promise<PageEvent[]> {
  const image = await loadImage(fixturePath(name));
  const events: PageEvent[] = [];
  const machine = new Machine({ observer: new PageStory(image, (event) => events.push(event)) });
  await machine.load(image, `./${name}`);
  await machine.run({ maxInstructions: 2_000_000_000 });
  return events;
}

const leafOf = (event: PageEvent, picture: number, walk: number) =>
  event.pictures[picture].walks[walk].steps.at(-1)!.entry;
const find = (events: PageEvent[], title: string) => events.find((event) => event.title.startsWith(title))!;

describe('the demo', () => {
  test('before the fork: one walk and its frame, which holds zeros', async () => {
    const touch = find(await story('shm_demo'), 'first touch: a new frame of zeros');
    const [{ walks, frames }] = touch.pictures;
    expect(walks).toHaveLength(1);
    expect(walks[0].area).toBe('rw-s shared, anonymous');
    expect(walks[0].steps.map(({ level }) => level)).toEqual(['PML4', 'PDPT', 'PD', 'PT']);
    expect(frames).toMatchObject([{ mappings: 1, bytes: new Array(16).fill(0) }]);
    expect(touch.cause?.text).toBe('mov qword [r12], 0');
  });

  test('after the fork: both walks end in the same frame, present, writable and for user mode', async () => {
    const fork = find(await story('shm_demo'), 'fork() = 101');
    const [shared, ...others] = fork.pictures;
    expect(shared.walks.map(({ pid }) => pid)).toEqual([100, 101]);
    expect(shared.walks[0].cr3).not.toBe(shared.walks[1].cr3);
    expect(shared.walks[0].pfn).toBe(shared.walks[1].pfn);
    expect(shared.frames).toMatchObject([{ pfn: shared.walks[0].pfn, mappings: 2, note: 'shared' }]);
    const rights = PTE_P | PTE_RW | PTE_US | PTE_NX | PTE_COW;
    for (const walk of [0, 1]) expect(leafOf(fork, 0, walk) & rights).toBe(PTE_P | PTE_RW | PTE_US | PTE_NX);
    // Three tables above the leaf, none of them in common.
    const tables = shared.walks.map(({ steps }) => steps.slice(0, 3).map(({ entry }) => ptePfn(entry)));
    expect(new Set(tables.flat()).size).toBe(6);

    const writable = others.filter(({ walks }) => walks[0].area?.startsWith('rw-p'));
    expect(writable.map(({ walks }) => walks[0].area)).toEqual(['rw-p .data .bss', 'rw-p [stack]']);
    for (const { walks, frames } of writable) {
      expect(frames).toHaveLength(1);
      for (const { steps } of walks) expect(steps.at(-1)!.entry & (PTE_P | PTE_RW | PTE_COW)).toBe(PTE_P | PTE_COW);
    }
  });

  test("after the parent's write: the bytes are in the one frame", async () => {
    const store = find(await story('shm_demo'), 'a store to shared memory');
    const [{ walks, frames }] = store.pictures;
    expect(walks[0].pfn).toBe(walks[1].pfn);
    expect(frames).toHaveLength(1);
    expect(Buffer.from(frames[0].bytes.slice(0, 8)).toString('hex')).toBe('bebafecaefbeadde');
    expect(frames[0].bytesBefore).toEqual(new Array(16).fill(0));
    expect(leafOf(store, 0, 0) & (PTE_A | PTE_D)).toBe(PTE_A | PTE_D);
    expect(leafOf(store, 0, 1) & (PTE_A | PTE_D)).toBe(0n);
  });

  test("the child's load: no fault, A is set, and the bytes are those that the parent wrote", async () => {
    const events = await story('shm_demo');
    const [load, ...more] = events.filter(({ title }) => title === 'a load from shared memory');
    expect(more).toEqual([]);
    expect(load.pid).toBe(101);
    const [{ walks, frames }] = load.pictures;
    expect(walks.map(({ pfn }) => pfn)).toEqual([frames[0].pfn, frames[0].pfn]);
    expect(leafOf(load, 0, 1) & (PTE_A | PTE_D)).toBe(PTE_A);
    expect(Buffer.from(frames[0].bytes.slice(0, 8)).toString('hex')).toBe('bebafecaefbeadde');
  });

  test('munmap and exit give the frame back', async () => {
    const events = await story('shm_demo');
    const fork = find(events, 'fork() = 101');
    const frame = `frame 0x00${(fork.pictures[0].frames[0].pfn * 4096).toString(16)}`;
    expect(find(events, 'exited with 1').notes).toContain(`${frame}: 2 -> 1 mapping`);
    const unmapped = find(events, 'munmap(');
    expect(unmapped.notes).toEqual([`${frame}: 1 -> 0 mappings`]);
    expect(unmapped.changes).toMatchObject([{ pid: 100, after: 0n }]);
    expect(unmapped.pictures[0].walks[0]).toMatchObject({ area: undefined, pfn: undefined });
  });

  test('looks like this', async () => {
    const text = (await story('shm_demo')).map((event) => drawPageEvent(event, 100)).join('');
    await expect(text).toMatchFileSnapshot('shm_demo.pages.txt');
  });
});

test('a copy-on-write break gives one process its own frame, with what the shared one held', async () => {
  const events = await story('copy_on_write');
  const fork = find(events, 'fork() = 101');
  const data = fork.pictures.find(({ walks }) => walks[0].area === 'rw-p .data')!;
  const before = data.frames[0];
  const broken = events.find(({ cause }) => cause?.text === 'mov qword [0x403030], 2')!;
  expect(broken).toMatchObject({ title: 'copy-on-write break: a copy', pid: 101 });
  const [{ walks, frames }] = broken.pictures;
  expect(walks.map(({ pid }) => pid)).toEqual([100, 101]);
  expect(walks[0].pfn).toBe(before.pfn);
  expect(walks[1].pfn).not.toBe(before.pfn);
  expect(frames.map(({ mappings, note }) => [mappings, note])).toEqual([
    [1, 'copy on write'],
    [1, `copied from 0x00${(before.pfn * 4096).toString(16)}`],
  ]);
  expect(frames[1].bytes).toEqual(frames[0].bytes);
  expect(frames[0].offset).toBe(0x30);
  expect(frames[0].bytes.slice(0, 8)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  const [{ before: was, after: is }] = broken.changes;
  expect(was & (PTE_RW | PTE_COW)).toBe(PTE_COW);
  expect(is & (PTE_RW | PTE_COW)).toBe(PTE_RW);
});

test('a first touch by a load is told once; who did what is told apart by slices', async () => {
  const events = await story('zombie');
  expect(events.filter(({ title }) => title === 'a load from shared memory')).toEqual([]);
  const stores = events.filter(({ title }) => title === 'a store to shared memory');
  expect(stores.map(({ pid }) => pid)).toEqual([102, 102]);
});

test('a fork is drawn when its call has its result', async () => {
  const image = await loadImage(fixturePath('shm_demo'));
  const order: string[] = [];
  const pages = new PageStory(image, ({ title }) => order.push(title));
  const calls = new StraceWriter((line) => order.push(line.trim()));
  const machine = new Machine({ observer: combineObservers([calls, pages]) });
  await machine.load(image, 'shm_demo');
  await machine.run();
  expect(order[order.indexOf('fork() = 101') - 1]).toMatch(/^fork\(\) += 101$/);
});

test('vfork: one page table for both', async () => {
  const events = await story('vfork');
  expect(find(events, 'vfork() = 101').notes[0]).toMatch(/^Both run on the page table at CR3 0x/);
  expect(find(events, 'exited with 5').notes).toEqual(['Its page table stays: another process runs on it.']);
});

test('a thread that ends does not take its process out of the story', async () => {
  const events = await story('thread');
  expect(find(events, 'clone() = 101').occasion).toMatchObject({ kind: 'fork', child: 101, memory: 'thread' });
  const ends = events.filter(({ occasion }) => occasion.kind === 'exit');
  expect(ends.map(({ pid, notes }) => [pid, notes[0]])).toEqual([
    [101, 'A thread: process 100 goes on.'],
    [100, '7 tables freed, 4 frames unmapped, which nobody else maps'],
  ]);
});

describe('the walk before an event', () => {
  const before = (event: PageEvent) =>
    event.pictures[0].walks[0].before?.map(({ level, entry }) => [level, entry !== 0n]);

  test('of a first touch ends at the entry that held nothing, table or leaf', async () => {
    const events = await story('shm_demo');
    const touches = events.filter(({ occasion }) => occasion.kind === 'fault');
    expect(touches.map(before)).toEqual([
      [['PML4', true], ['PDPT', true], ['PD', true], ['PT', false]],
      [['PML4', true], ['PDPT', true], ['PD', false]],
    ]); // biome-ignore format: two walks
  });

  test('of munmap leads to the frame', async () => {
    const unmap = find(await story('shm_demo'), 'munmap');
    const [{ walks }] = unmap.pictures;
    expect(ptePfn(walks[0].before![3].entry)).toBe(ptePfn(unmap.changes[0].before));
    expect(unmap.counts).toEqual([{ pfn: ptePfn(unmap.changes[0].before), before: 1, after: 0 }]);
  });

  test('of a break is the entry that was read-only, also after a touch that ended in a signal', async () => {
    for (const name of ['copy_on_write', 'past_end_of_file'])
      for (const event of (await story(name)).filter(({ changes }) => changes.length === 1 && changes[0].before !== 0n))
        if (event.occasion.kind === 'fault')
          expect(event.pictures[0].walks.find(({ pid }) => pid === event.process)?.before?.[3].entry).toBe(
            event.changes[0].before,
          );
  });
});

describe('a fault that becomes a signal', () => {
  const refused = async (name: string) =>
    (await story(name)).flatMap(({ occasion, cause, pictures: [picture] }) =>
      occasion.kind === 'refused' ? [{ ...occasion, text: cause?.text, area: picture.walks[0].area?.slice(0, 4) }] : [],
    );

  // The signals are those that strace has recorded on Linux: two SEGV_ACCERR at these addresses, SEGV_MAPERR, BUS_ADRERR.
  test('is told with its reason, and with the page as it is', async () => {
    expect(await refused('write_fault')).toMatchObject([
      { signal: 'SIGSEGV', why: 'rights', address: 0x7ffff7ffd008n, action: 'handled', area: 'r--p' },
      { signal: 'SIGSEGV', why: 'rights', address: 0x7ffff7ffc000n, action: 'handled', area: 'r--p' },
    ]);
    expect(await refused('use_after_munmap')).toEqual([
      expect.objectContaining({ why: 'no area', action: 'killed', text: 'mov rax, [r12]', area: undefined }),
    ]);
    expect(await refused('past_end_of_file')).toMatchObject([
      { signal: 'SIGBUS', why: 'past the end', action: 'killed', area: 'rw-s' },
      { signal: 'SIGBUS', why: 'past the end', action: 'killed', area: 'rw-s' },
    ]);
  });

  test('is no other signal', async () => {
    for (const name of ['shm_demo', 'signal_handler', 'exit_statuses']) {
      const signals =
        fixtures.find((fixture) => fixture.name === name)!.strace.match(/si_code=(?:SEGV_|BUS_ADRERR)/g) ?? [];
      expect(await refused(name)).toHaveLength(signals.length);
    }
  });
});

test('sections are named also when the program executes itself', async () => {
  const events = await story('exec_mappings');
  const loads = events.filter(({ occasion }) => occasion.kind === 'exec');
  expect(loads.map(({ notes }) => notes.some((note) => note.includes('.text')))).toEqual(loads.map(() => true));
});

test.each(fixtures.map(({ name }) => name))('%s: no line is wider than asked for', async (name) => {
  const events = await story(name);
  for (const width of [80, 100, 132]) {
    const lines = events.flatMap((event) => drawPageEvent(event, width).split('\n'));
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  }
});
