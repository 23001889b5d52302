/** The story of a run: its words and pictures are those of the page events, for any program. */
import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/debug/engine.ts';
import type { PageEvent } from '../../src/debug/page-events.ts';
import { PageStory } from '../../src/debug/page-story.ts';
import { LIMITS } from '../../src/debug/story/collector.ts';
import { composeDocument } from '../../src/debug/story/document.ts';
import { overviewOf } from '../../src/debug/story/overview.ts';
import type { CodePlace } from '../../src/debug/story/places.ts';
import { tellPageItem } from '../../src/debug/story/prose.ts';
import type { PageItem, Story } from '../../src/debug/story/story.ts';
import { tellStory } from '../../src/debug/story/tell.ts';
import { Cast, plainText } from '../../src/debug/story/words.ts';
import { loadImage, Machine } from '../../src/index.ts';
import { renderMarkdown } from '../../src/story/markdown.ts';
import { drawOverview } from '../../src/story/overview.ts';
import { fixturePath, fixtures } from '../helpers/fixtures.ts';

const LIMIT = { maxInstructions: 2_000_000_000 };

async function storyOf(name: string, { withCauses = false, onlyOnce = undefined as string | undefined } = {}) {
  const image = await loadImage(fixturePath(name));
  const program = `fixtures/${name}`;
  const open = async (machine: Machine) => ({ image, start: () => machine.load(image, program) });
  const engine = withCauses ? () => Engine.open({ program: image.bytes, path: program }) : undefined;
  return await tellStory({ program, args: [], machine: () => ({}), open, engine, limits: LIMIT, onlyOnce });
}

async function pageEvents(name: string): Promise<PageEvent[]> {
  const image = await loadImage(fixturePath(name));
  const events: PageEvent[] = [];
  const machine = new Machine({ observer: new PageStory(image, (event) => events.push(event)) });
  await machine.load(image, `fixtures/${name}`);
  await machine.run(LIMIT);
  return events;
}

const eventsOf = (story: Story): PageEvent[] =>
  story.chapters.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'page' ? [item.event] : [])));

describe('golden', () => {
  test.each(['shm_demo', 'copy_on_write', 'demand_zero', 'thread', 'write_fault'])('%s as Markdown', async (name) => {
    const text = renderMarkdown(composeDocument(await storyOf(name, { withCauses: true })));
    await expect(text).toMatchFileSnapshot(`story/${name}.md`);
  });
});

describe('where code is', () => {
  const line = { path: '/src/demo.asm', number: 53 };
  const event = (place: CodePlace): PageItem => ({
    kind: 'page',
    place,
    event: {
      number: 1, instructions: 5, pid: 100, process: 100, rip: place.rip, title: 'fork() = 101',
      occasion: { kind: 'fork', call: 'fork', child: 101, memory: 'shared' }, notes: [], changes: [], pictures: [],
    },
  }); // biome-ignore format: short
  const told = (place: CodePlace, source?: string) =>
    plainText(tellPageItem(event(place), new Cast([], () => source))[0]);

  test.each([
    [{ rip: 0x401000n, name: undefined, line: undefined }, undefined, '0x401000'],
    [{ rip: 0x401000n, name: '_start+0x3', line: undefined }, undefined, '0x401000 (_start+0x3)'],
    [{ rip: 0x401000n, name: '_start+0x3', line }, undefined, '0x401000 (_start+0x3, demo.asm:53)'],
    [{ rip: 0x401000n, name: undefined, line }, '  mov rax, 57   ; fork', '0x401000 (demo.asm:53: mov rax, 57 ; fork)'],
  ])('%o', (place, source, text) => {
    expect(told(place, source)).toBe(`The program calls fork(), at ${text}: process 101 begins, the program.`);
  });
});

describe('the run at a glance', () => {
  test('lanes begin with their fork and end with their process', async () => {
    expect(overviewOf(await storyOf('shm_demo'))).toEqual({
      lanes: [
        { pid: 100, first: 0, last: 7, maker: undefined },
        { pid: 101, first: 1, last: 5, maker: 0 },
      ],
      rows: [0, 0, 0, 0, 1, 1, 0, 0],
      more: 0,
    });
  });

  test('is not there for a single process, threads or not', async () => {
    expect(overviewOf(await storyOf('demand_zero'))).toBeUndefined();
    expect(overviewOf(await storyOf('thread'))).toBeUndefined();
  });

  test.each(fixtures.map(({ name }) => name))("%s: nothing is drawn outside of a lane's life", async (name) => {
    const story = await storyOf(name);
    const overview = overviewOf(story);
    if (overview === undefined) return;
    const { lanes, rows } = overview;
    expect(rows).toHaveLength(story.chapters.length);
    for (const [i, { first, last = rows.length - 1, maker }] of lanes.entries()) {
      expect(first).toBeLessThanOrEqual(last);
      if (maker !== undefined) expect(lanes[maker].first).toBeLessThanOrEqual(first);
      for (const [row, lane] of rows.entries())
        if (lane === i) expect([row >= first, row <= last]).toEqual([true, true]);
    }
    const lines = drawOverview(
      overview,
      rows.map((_, row) => `${row}`),
    ).split('\n');
    expect(lines).toHaveLength(rows.length + 1);
  });
});

describe('the demo', () => {
  test('has the figures of the case study, in its order', async () => {
    const { chapters } = await storyOf('shm_demo');
    const kinds = chapters.map(({ kind, pid }) => `${kind} ${pid}`);
    expect(kinds).toEqual([
      'start 100',
      'fork 100',
      'store 100',
      'wait 100',
      'load 101',
      'exit 101',
      'unmap 100',
      'exit 100',
    ]);
  });

  // The lines of the published source: `mov [r12], rax` after the fork, `mov rbx, [r12]` after the loop.
  test('names the instructions that made the accesses', async () => {
    const { chapters } = await storyOf('shm_demo', { withCauses: true });
    const causes = chapters.flatMap(({ items }) =>
      items.flatMap((item) => (item.kind === 'page' ? (item.cause ?? []) : [])),
    );
    expect(causes).toMatchObject([
      { text: 'mov [r12], rax', byKernel: false, place: { name: '_start+0x66' } },
      { text: 'mov rbx, [r12]', byKernel: false, place: { name: '_start.wait_loop+0x5' } },
    ]);
  });

  test('a private mapping: two frames, the child finds what was there before the fork', async () => {
    const { comparison } = await storyOf('shm_demo');
    if (comparison === undefined || 'reason' in comparison) throw new Error('nothing was compared');
    const { shared, twin } = comparison;
    expect(shared.facts).toMatchObject({ mappings: 1, copies: 0, ends: [{ frames: 1 }] });
    expect(twin.facts).toMatchObject({ mappings: 1, copies: 1, ends: [{ frames: 2 }] });
    const found = twin.facts.ends[0].picture.frames.map(({ bytes }) => bytes.slice(0, 8));
    expect(found).toEqual([[0xbe, 0xba, 0xfe, 0xca, 0xef, 0xbe, 0xad, 0xde], new Array(8).fill(0)]);
  });

  // The published twin asks for MAP_PRIVATE itself: Linux has recorded what it prints.
  test('what was changed to a private mapping does what a program does that asks for one', async () => {
    const [{ comparison }, asked] = [await storyOf('shm_demo_fixed'), await storyOf('private_demo')];
    if (comparison === undefined || 'reason' in comparison) throw new Error('nothing was compared');
    const [, found] = asked.result.stdout.trimEnd().split('Child read: ');
    const values = comparison.twin.facts.ends[0].picture.frames.map(({ bytes }) => bytes.slice(0, 8));
    expect(found).toBe(`0x${'0'.repeat(16)}`);
    expect(values[1]).toEqual(new Array(8).fill(0));
    expect(asked.comparison).toBeUndefined();
  });

  test('a program that must not run twice is not compared', async () => {
    const { comparison } = await storyOf('shm_demo', { onlyOnce: 'it writes' });
    expect(comparison).toEqual({ reason: 'it writes' });
  });
});

describe.each(fixtures.map(({ name }) => name))('%s', (name) => {
  test('has a story without holes, and its pictures are those of --pages', async () => {
    const [story, events] = [await storyOf(name), await pageEvents(name)];
    const text = renderMarkdown(composeDocument(story));
    // The program's own words are in code; what is ours has no hole, and no "1 pages".
    const ours = text.replaceAll(/^```text\n.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    expect(ours).not.toMatch(/\bnull\b|\b1 (?:pages|frames|entries|instructions|mappings|times)\b/);
    const told = eventsOf(story);
    expect(told.filter(({ pictures }) => pictures.length > 0).length).toBeLessThanOrEqual(LIMITS.pictures);
    const frames = (event: PageEvent) => [event.title, event.changes, event.pictures];
    for (const event of told) expect(frames(event)).toEqual(frames(events[event.number - 1]));
    expect(story.pageEvents).toBe(events.length);
  });
});
