/** Many processes and much memory: nothing is copied that need not be, and nothing is lost. */
import { expect, test } from 'vitest';
import { PageCache } from '../../src/kernel/mm/page-cache.ts';
import {
  bareProcess,
  callsOf,
  PAGE,
  PRIVATE_ANON,
  RW,
  SHARED_ANON,
  touch,
  touchPages,
} from '../helpers/bare-process.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const at = 0x1000_0000;
const leaf: Program = function* () {
  yield sys.call('getrandom', at, 16, 0);
  yield sys.exit(0);
};

test('10,000 forks, each child writing a page: every frame comes back', () => {
  const play = story(function* () {
    yield sys.call('mmap', at, 4 * 4096, RW, PRIVATE_ANON | 0x10, -1, 0);
    yield sys.call('getrandom', at, 16, 0);
    for (let i = 0; i < 10_000; i++) {
      yield sys.fork(leaf);
      yield sys.wait();
    }
    yield sys.exit(0);
  });
  expect(play.play()).toBe('finished');
  expect(play.kernel.processes()).toEqual([]);
  play.kernel.shutDown();
  expect(play.frames.inUse()).toBe(0);
});

test('1,000 processes at once share what they have not written', () => {
  const waiting: Program = function* () {
    yield sys.call('getrandom', at + 4096, 16, 0);
    yield sys.call('pause');
    yield sys.exit(0);
  };
  let most = 0;
  const play = story(function* () {
    yield sys.call('mmap', at, 64 * 4096, RW, PRIVATE_ANON | 0x10 | 0x8000, -1, 0);
    for (let i = 0; i < 1000; i++) yield sys.fork(waiting);
    yield sys.yield();
    most = play.frames.inUse();
    yield sys.exit(0);
  });
  expect(play.play()).toBe('deadlock');
  // Of each child: four tables and the page that it wrote.
  expect(most).toBeLessThan(1000 * 5 + 100);
  play.kernel.endAll();
  play.kernel.shutDown();
  expect(play.frames.inUse()).toBe(0);
});

test('fork of 256 MiB copies no page, and takes a table for each 2 MiB', () => {
  const pages = 65536;
  const { task, call, kernel, cpu, frames } = bareProcess(undefined, 400 * 1024 * 1024);
  const base = call.mmap(0n, BigInt(pages) * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  touchPages(task, base, pages);
  const before = frames.inUse();
  cpu.state.restore(task.context);
  const child = kernel.findTask(Number(call.fork()))!;
  expect(frames.inUse() - before).toBe(1 + 1 + 1 + 129); // 128 tables' worth of pages do not begin at a table
  expect(touch(child, base, 'read')).toEqual(touch(task, base, 'read'));
  callsOf(child).exit(0);
  expect(frames.inUse()).toBe(before);
});

test('256 MiB of page cache are mapped by two processes as the same frames', () => {
  const pages = 65536;
  const { task, call, kernel, cpu, frames } = bareProcess(undefined, 300 * 1024 * 1024);
  const cache = new PageCache(frames, 'file', { readPage: (index, page) => void (page[0] = index) }, pages * 4096);
  cache.retain();
  const mapped = task.mm.map({ pages, prot: RW, shared: true, backing: cache });
  if (typeof mapped !== 'bigint') throw new Error(mapped.name);
  touchPages(task, mapped, pages, 'read');
  expect(cache.residentPages).toBe(pages);
  cpu.state.restore(task.context);
  const child = kernel.findTask(Number(call.fork()))!;
  expect(touch(child, mapped + 1000n * PAGE)).toMatchObject({ pfn: cache.findPage(1000) });
  callsOf(child).exit(0);
  call.exit(0);
  cache.release();
  expect(frames.inUse()).toBe(1);
});

test('a shared page is one frame for 1,000 areas that map it', () => {
  const { task, call, frames } = bareProcess();
  const first = call.mmap(0n, PAGE, RW, SHARED_ANON, -1, 0n) as bigint;
  touch(task, first);
  const before = frames.inUse();
  for (let i = 0; i < 1000; i++) touch(task, call.mremap(first, 0n, PAGE, 1, 0n) as bigint);
  expect(frames.inUse() - before).toBeLessThan(4);
  expect(task.mm.vmas.length).toBe(1001);
});
