/** The page cache and who maps it: one copy of each page for read(2), write(2) and every mapping; dirty pages; truncation. */
import { expect, test } from 'vitest';
import { EIO } from '../../src/abi/errno.ts';
import { vpnOf } from '../../src/base/ints.ts';
import { PageCache } from '../../src/kernel/mm/page-cache.ts';
import { VM_MAY_ALL } from '../../src/kernel/mm/vm-flags.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import {
  bareProcess,
  FIXED,
  PAGE,
  PRIVATE_ANON,
  peekByte,
  poke,
  RW,
  SHARED_ANON,
  touch,
} from '../helpers/bare-process.ts';

/** A file of a host that counts what is written back to it. */
function hostFile(sizeBytes: number) {
  const machine = bareProcess();
  const written: [index: number, length: number, first: number][] = [];
  let failing = false;
  const source = {
    readPage: (index: number, page: Uint8Array) => void page.fill(index + 1),
    writePage(index: number, bytes: Uint8Array) {
      if (failing) return EIO;
      written.push([index, bytes.length, bytes[0]]);
      return undefined;
    },
  };
  const cache = new PageCache(machine.frames, 'host', source, sizeBytes);
  cache.retain();
  const map = (task: Task, at: bigint, pages: number, shared: boolean, offset = 0): bigint => {
    const mapped = task.mm.mapAt(vpnOf(at), { pages, prot: RW, shared, backing: cache, offset, flags: VM_MAY_ALL });
    if (typeof mapped !== 'bigint') throw new Error(mapped.name);
    return mapped;
  };
  return { ...machine, cache, written, map, setFailing: (value: boolean) => (failing = value) };
}

test('what two mappings and write() have written is written back once, in order, cut to the size', () => {
  const { task, cache, written, map, call, kernel, cpu } = hostFile(2 * 4096 + 100);
  const at = map(task, 0x1000_0000n, 3, true);
  cpu.state.restore(task.context);
  const child = kernel.findTask(Number(call.fork()))!;
  expect(peekByte(task, at)).toBe(1);
  poke(child, at + 2n * PAGE, 7);
  poke(task, at + PAGE, 8);
  expect(cache.write(3, Uint8Array.of(9))).toBeUndefined();
  expect(peekByte(child, at + 3n)).toBe(9);
  expect(cache.sync()).toBeUndefined();
  expect(written).toEqual([
    [0, 4096, 1],
    [1, 4096, 8],
    [2, 100, 7],
  ]);
  written.length = 0;
  expect(call.msync(at, 3n * PAGE, 4)).toBe(0n);
  expect(written).toEqual([]);
  poke(task, at + PAGE, 10); // D was cleared, and is set again
  expect(call.msync(at, PAGE, 4)).toBe(0n);
  expect(written).toEqual([]);
  expect(call.msync(at, 3n * PAGE, 4)).toBe(0n);
  expect(written).toEqual([[1, 4096, 10]]);
});

test('a page that was written before it was unmapped, or before exit, is still dirty', () => {
  const { task, cache, written, map, call } = hostFile(4 * 4096);
  const at = map(task, 0x1000_0000n, 4, true);
  poke(task, at, 5);
  poke(task, at + PAGE, 6);
  call.munmap(at, PAGE);
  expect(cache.dirtyPages()).toEqual([0, 1]);
  call.exit(0);
  expect(cache.dirtyPages()).toEqual([0, 1]);
  cache.sync();
  expect(written.map(([index]) => index)).toEqual([0, 1]);
});

test('a failure of the write is what msync says, and the page stays dirty', () => {
  const { task, cache, written, map, call, setFailing } = hostFile(4096);
  const at = map(task, 0x1000_0000n, 1, true);
  poke(task, at, 5);
  setFailing(true);
  expect(call.msync(at, PAGE, 4)).toBe('EIO');
  setFailing(false);
  expect(cache.dirtyPages()).toEqual([0]);
  expect(call.msync(at, PAGE, 4)).toBe(0n);
  expect(written).toHaveLength(1);
});

test('private mappings are never written back', () => {
  const { task, cache, map } = hostFile(4096);
  const at = map(task, 0x1000_0000n, 1, false);
  poke(task, at, 5);
  expect(cache.dirtyPages()).toEqual([]);
  expect(cache.read(0, 1)).toEqual(Uint8Array.of(1));
});

test('truncation takes pages out of every table, private copies too; growing again gives zeros', () => {
  const { task, cache, map, frames } = hostFile(3 * 4096);
  const shared = map(task, 0x1000_0000n, 3, true);
  const own = map(task, 0x2000_0000n, 3, false);
  for (const at of [shared, own]) for (const i of [0n, 1n, 2n]) peekByte(task, at + i * PAGE);
  poke(task, own + 2n * PAGE, 77);
  const before = frames.inUse();
  cache.truncate(4096 + 10);
  expect(frames.inUse()).toBe(before - 2); // the file's third page and the copy of it
  const bus = { signal: 7, code: 2 };
  expect([touch(task, shared + 2n * PAGE, 'read'), touch(task, own + 2n * PAGE, 'read')]).toEqual([bus, bus]);
  expect([peekByte(task, shared + PAGE + 9n), peekByte(task, shared + PAGE + 10n)]).toEqual([2, 0]);
  cache.truncate(3 * 4096);
  expect(peekByte(task, own + 2n * PAGE)).toBe(0);
  expect(peekByte(task, own + PAGE + 10n)).toBe(0);
});

test('what was cut off before it was read does not come back', () => {
  const { cache } = hostFile(4096);
  cache.truncate(10);
  cache.truncate(4096);
  expect([...(cache.read(0, 12) as Uint8Array)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
});

test('a hole leaves private copies alone', () => {
  const { task, cache, map, written } = hostFile(2 * 4096);
  const shared = map(task, 0x1000_0000n, 2, true);
  const own = map(task, 0x2000_0000n, 2, false);
  poke(task, own, 77);
  peekByte(task, own + PAGE);
  peekByte(task, shared);
  expect(cache.punchHole(0, 2)).toBeUndefined();
  expect([own, own + PAGE, shared, shared + PAGE].map((at) => peekByte(task, at))).toEqual([77, 0, 0, 0]);
  cache.sync();
  expect(written.map(([index, , first]) => [index, first])).toEqual([
    [0, 0],
    [1, 0],
  ]);
});

test('shared anonymous memory has a size, and holes', () => {
  const { task, call, frames } = bareProcess();
  const at = call.mmap(0n, 2n * PAGE, RW, SHARED_ANON, -1, 0n) as bigint;
  poke(task, at, 1);
  const bigger = call.mremap(at, 2n * PAGE, 3n * PAGE, 1, 0n) as bigint;
  expect(peekByte(task, bigger)).toBe(1);
  expect(touch(task, bigger + 2n * PAGE, 'read')).toEqual({ signal: 7, code: 2 });
  const before = frames.inUse();
  expect(call.madvise(bigger, PAGE, 9)).toBe(0n);
  expect(frames.inUse()).toBeLessThan(before);
  expect(peekByte(task, bigger)).toBe(0);
});

test('mapping over a part of a shared file keeps what was written there', () => {
  const { task, cache, map, call } = hostFile(4096);
  const at = map(task, 0x1000_0000n, 1, true);
  poke(task, at, 5);
  call.mmap(at, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n);
  expect(cache.dirtyPages()).toEqual([0]);
  expect(cache.read(0, 1)).toEqual(Uint8Array.of(5));
});
