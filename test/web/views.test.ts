/** What the page is told of a machine, held against what inspect says of each frame and entry; and moves there and back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIXTURES_DIR } from '../../asm/programs.ts';
import type { MachineView, Move, ViewQuery } from '../../src/web/protocol.ts';
import { Session } from '../../src/web/worker/session.ts';

const PROGRAMS = ['shm_demo', 'shm_demo_fixed', 'private_demo', 'copy_on_write', 'shared_file', 'vfork', 'thread', 'pipe_family', 'lost_update']; // biome-ignore format: a list

async function open(name: string, query: ViewQuery = {}): Promise<{ session: Session; view: MachineView }> {
  const session = new Session();
  const view = await session.open({ path: name, program: readFileSync(join(FIXTURES_DIR, name)) }, query, 5000);
  return { session, view };
}

/** Without what is sent once only. */
const comparable = ({
  newEvents,
  newWrites,
  firstNewWrite,
  counters,
  stop,
  end,
  isWhole,
  ...view
}: MachineView): unknown => view;

describe.each(PROGRAMS)('%s', (name) => {
  test('the whole run is known when it has been opened, and the machine stands at its start', async () => {
    const { view } = await open(name);
    expect(view.isWhole).toBe(true);
    expect(view.position.instruction).toBe(0);
    expect(view.end.event).toBe(view.newEvents.length);
    expect(view.processes).toHaveLength(1);
  });

  test('each frame is listed once, with the entries that lead to it', async () => {
    const { session, view } = await open(name);
    let now = view;
    while (!now.isOver) {
      now = await session.move({ kind: 'event', goal: 'any', direction: 'forward' }, {});
      expect(new Set(now.frames.map(({ pfn }) => pfn)).size).toBe(now.frames.length);
      const listed = new Map(now.frames.map((frame) => [frame.pfn, frame]));
      for (const { space } of now.processes)
        for (const { pages, present, total } of space?.areas ?? []) {
          expect(present).toBeLessThanOrEqual(total);
          for (const { pfn, address, entry } of pages)
            expect(listed.get(pfn)?.mappings).toContainEqual({ pids: space!.pids, address, entry });
        }
    }
  });

  test('event by event to the end and back: the same views', async () => {
    const { session, view } = await open(name);
    const there = [comparable(view)];
    for (let now = view; !now.isOver; ) {
      now = await session.move({ kind: 'event', goal: 'any', direction: 'forward' }, {});
      there.push(comparable(now));
    }
    there.pop();
    const every = Math.ceil(there.length / 12);
    for (const before of there.filter((_, i) => i % every === 0).reverse()) {
      const { position, tid } = before as MachineView;
      const now = await session.move({ kind: 'goto', position }, {});
      expect(comparable(await session.view({ tid }))).toEqual({
        ...(before as MachineView),
        tid: now.tid === 0 ? 0 : tid,
      });
    }
  });
});

test.each(PROGRAMS)('%s can be gone back through event by event', async (name) => {
  const { session } = await open(name);
  const end = await session.move({ kind: 'end' }, {});
  let event = end.position.event + 1;
  for (let now = end, left = 40; left > 0 && now.stop.kind !== 'start'; left--) {
    expect(now.position.event).toBeLessThan(event);
    event = now.position.event;
    now = await session.move({ kind: 'event', goal: 'any', direction: 'backward' }, {});
  }
});

describe('the demo', () => {
  const run = async (...moves: Move[]): Promise<MachineView> => {
    const { session, view } = await open('shm_demo');
    let now = view;
    for (const move of moves) now = await session.move(move, {});
    return now;
  };
  const to = (goal: 'fork' | 'copy-on-write' | 'exit' | 'write' | 'fault', direction = 'forward' as const): Move => ({
    kind: 'event',
    goal,
    direction,
  });

  test('after the fork, one frame is reached by both: the shared one and those copied on write', async () => {
    const view = await run(to('fork'));
    expect(view.stop.event?.detail).toMatchObject({ kind: 'fork', childPid: 101 });
    const shared = view.frames.filter(({ kind }) => kind === 'shared');
    expect(view.processes.map(({ pid }) => pid)).toEqual([100, 101]);
    expect(shared.length).toBeLessThanOrEqual(1);
    expect(view.frames.some(({ kind, mappings }) => kind === 'file' && mappings.length === 2)).toBe(true);
  });

  test('the walk of an address is given in every process', async () => {
    const { session, view } = await open('shm_demo');
    expect(view.pid).toBe(100);
    await session.move(to('fork'), {});
    const mapped = view.newEvents.find(({ detail }) => detail.kind === 'mapping' && detail.cause === 'mmap');
    const address = mapped?.detail.kind === 'mapping' ? mapped.detail.start : undefined;
    expect(address).toBeDefined();
    const now = await session.move(to('exit'), { address });
    expect(now.processes.map(({ space }) => space?.walk?.pfn)).toHaveLength(2);
  });

  test('a file and a line, or an address, can be stopped at', async () => {
    const { session, view } = await open('shm_demo');
    const { file, line, address } = view.code.find((one) => one.text.startsWith('dec rcx'))!;
    expect(file).toMatch(/shared_memory_demo\.asm$/);
    let now = session.addBreakpoint({ file: file!, line: line! }, {});
    expect(now.stopPoints).toMatchObject([{ kind: 'breakpoint', address, line }]);
    now = await session.move({ kind: 'continue', direction: 'forward' }, {});
    expect(now.stop.kind).toBe('breakpoint');
    expect(now.registers?.rip).toBe(address);
    expect(now.processes.find(({ pid }) => pid === now.pid)?.threads[0].place).toMatchObject({ file, line });
    now = session.removeStopPoint(now.stopPoints[0].id, {});
    expect((await session.move({ kind: 'end' }, {})).isOver).toBe(true);
  });

  test('what was printed goes with the position', async () => {
    const { session, view } = await open('shm_demo');
    expect([view.printed, view.newWrites.length > 0]).toEqual([0, true]);
    const end = await session.move({ kind: 'end' }, {});
    expect(end.printed).toBe(view.newWrites.length);
    expect((await session.move({ kind: 'start' }, {})).printed).toBe(0);
  });

  test('memory that is written by hand gives the run another course', async () => {
    const { session } = await open('shm_demo');
    const first = await session.move(to('fault'), {});
    const sp = first.registers!.general.find(({ name }) => name === 'rsp')!.value;
    const changed = session.writeMemory(sp, Uint8Array.of(1, 2, 3), { memory: { address: sp, length: 4 } });
    expect(changed.course).toBe(first.course + 1);
    expect([...changed.memory!.bytes.slice(0, 3)]).toEqual([1, 2, 3]);
    expect(changed.newEvents.at(-1)?.number).toBe(changed.position.event);
    const back = await session.move({ kind: 'start' }, { memory: { address: sp, length: 4 } });
    expect([...back.memory!.bytes.slice(0, 3)]).not.toEqual([1, 2, 3]);
  });

  test('the same store is found by who asks who wrote', async () => {
    const { session, view } = await open('shm_demo');
    const mapped = view.newEvents.find(({ detail }) => detail.kind === 'mapping' && detail.cause === 'mmap')!;
    const address = (mapped.detail as { start: bigint }).start;
    await session.move(to('write'), {});
    const writer = await session.whoWrote(address);
    expect(writer).toMatchObject({ pid: 100, by: 'program' });
  });
});

test('a file that is no program is refused in one line', async () => {
  await expect(new Session().open({ path: 'x', program: new Uint8Array([1, 2, 3]) }, {}, 100)).rejects.toThrow(/^x: /);
});
