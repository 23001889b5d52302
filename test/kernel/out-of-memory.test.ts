/** Memory that is used up: whoever has most of it dies, errors are errors, and no frame is lost. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/invariant.ts';
import { loadImage, Machine } from '../../src/index.ts';
import { PageCache } from '../../src/kernel/mm/page-cache.ts';
import { bareProcess, PAGE, PRIVATE_ANON, RW, SHARED_ANON, touchPages } from '../helpers/bare-process.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const at = 0x1000_0000;
const other = 0x2000_0000;

/** Calls that take frames, in two processes; what they say is their own affair. */
const program: Program = function* () {
  const child: Program = function* () {
    yield sys.call('getrandom', at + 4096, 64, 0);
    yield sys.call('mprotect', at, 4096, 1);
    yield sys.call('mremap', at, 4 * 4096, 8 * 4096, 1, 0);
    yield sys.exit(0);
  };
  yield sys.call('mmap', at, 8 * 4096, RW, PRIVATE_ANON | 0x10, -1, 0);
  yield sys.call('mmap', other, 4 * 4096, RW, SHARED_ANON | 0x10 | 0x8000, -1, 0);
  for (let page = 0; page < 4; page++) yield sys.call('getrandom', at + page * 4096, 64, 0);
  yield sys.call('brk', 0x700000);
  yield sys.call('getrandom', 0x650000, 100, 0);
  yield sys.fork(child);
  yield sys.call('getrandom', at, 8192, 0);
  yield sys.call('pipe', at);
  yield sys.call('mremap', other, 4 * 4096, 4 * 4096, 3, 0x3000_0000);
  yield sys.call('shmget', 0, 8192, 0o600);
  yield sys.call('shmat', 0, 0x4000_0000, 0);
  yield sys.call('getrandom', 0x4000_0000, 8192, 0);
  yield sys.call('memfd_create', at, 0);
  yield sys.call('write', 5, at, 8192);
  yield sys.call('mlock', at, 8 * 4096);
  yield sys.wait();
  yield sys.exit(0);
};

test('a refusal of each frame in turn: an error or an end, and every frame comes back', () => {
  const whole = story(program);
  whole.play();
  const total = whole.frames.allocations();
  expect(total).toBeGreaterThan(30);
  const outcomes = new Set<string>();
  for (let nth = 0; nth < total; nth++) {
    const one = story(program);
    let left = nth;
    one.frames.refuses = () => left-- === 0;
    expect(one.play()).toBe('finished');
    for (const { ending } of one.kernel.allProcesses)
      outcomes.add(ending!.kind === 'killed' ? `signal ${ending!.signal}` : `status ${ending!.status}`);
    one.kernel.shutDown();
    expect(one.frames.inUse()).toBe(0);
  }
  expect([...outcomes].sort()).toEqual(['signal 9', 'status 0']);
});

describe.each(['copy_on_write', 'four_mappings', 'brk_growth'])('%s', (name) => {
  test('ends in some way whatever frame is refused, and all come back', { timeout: 60_000 }, async () => {
    const image = await loadImage(readFileSync(fixturePath(name)));
    for (let nth = 0; ; nth++) {
      const machine = new Machine({ memory: 16 * 1024 * 1024 });
      let left = nth;
      machine.frames.refuses = () => left-- === 0;
      try {
        await machine.load(image, name);
        const { outcome, signal, status } = await machine.run({ maxInstructions: 50_000_000 });
        expect(outcome === 'killed' ? signal : typeof status).toMatch(/^(SIGKILL|number)$/);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
      machine.dispose();
      expect(machine.frames.inUse()).toBe(0);
      if (left >= 0) return;
    }
  });
});

test('who has most is killed, and who asked goes on', () => {
  const { task, call, kernel, cpu, frames, diagnostics } = bareProcess(undefined, 300 * 4096);
  const base = call.mmap(0n, 200n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  cpu.state.restore(task.context);
  const child = kernel.findTask(Number(call.fork()))!;
  touchPages(child, base, 200);
  touchPages(task, base, 120);
  expect(diagnostics).toEqual([`out of memory: pid ${child.pid} (bare) is killed`]);
  expect(child.process.pending.set).toBe(1n << 8n);
  expect(frames.inUse()).toBeLessThan(150);
});

test('pages of files that can be read again go before anybody dies', () => {
  const { task, call, frames, diagnostics } = bareProcess(undefined, 300 * 4096);
  const cache = new PageCache(frames, 'file', { readPage: (index, page) => void page.fill(index) }, 280 * 4096);
  cache.retain();
  for (let page = 0; page < 280; page++) expect(cache.read(page * 4096, 4096)).toHaveLength(4096);
  const base = call.mmap(0n, 250n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  touchPages(task, base, 250);
  expect(diagnostics).toEqual([]);
  expect(cache.residentPages).toBeLessThan(50);
  expect(cache.read(200 * 4096, 1)).toEqual(Uint8Array.of(200));
});
