/** poll(2) and select(2) on pipes: results recorded on Linux 6.12. */
import { expect, test } from 'vitest';
import { PAGE, PRIVATE_ANON, RW } from '../helpers/bare-process.ts';
import { guestMemory } from '../helpers/guest-memory.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const [IN, OUT, ERR, HUP, NVAL] = [1, 4, 8, 16, 32];

/** Plays a program that has a page at hand; what it noted. */
function play(
  program: (page: bigint, memory: ReturnType<typeof guestMemory>, note: (value: unknown) => void) => Program,
) {
  const noted: unknown[] = [];
  let page = 0n;
  const played = story(function* () {
    page = BigInt(yield sys.call('mmap', 0, 4n * PAGE, RW, PRIVATE_ANON, -1, 0));
    yield* program(page, memory, (value) => noted.push(value))();
  });
  const memory = guestMemory(() => played.kernel.current!.mm);
  const stop = played.play();
  return { ...played, noted, stop };
}

test('poll: what pipes are ready for, at once and after a sleep', () => {
  const { noted, stop } = play(
    (page, memory, note) =>
      function* () {
        yield sys.call('pipe', page);
        const [reader, writer] = [memory.i32(page), memory.i32(page + 4n)];
        const fds = page + 64n;
        const poll = (timeout: number, ...entries: [fd: number, events: number][]) => {
          for (const [i, [fd, events]] of entries.entries()) memory.putI32(fds + BigInt(8 * i), fd, events);
          return sys.call('poll', fds, entries.length, timeout);
        };
        const revents = (i = 0) => memory.i32(fds + BigInt(8 * i + 4)) >> 16;

        note(['nothing to read', yield poll(0, [reader, IN], [writer, IN | OUT]), revents(0), revents(1)]);
        note(['closed, negative', yield poll(0, [77, IN], [-1, IN]), revents(0), revents(1)]);
        note(['timeout', yield poll(10, [reader, IN]), revents()]);
        yield sys.fork(function* () {
          yield sys.work(5000);
          yield sys.call('write', writer, page, 1);
          yield sys.exit(0);
        });
        note(['a child writes', yield poll(-1, [reader, IN]), revents()]);
        yield sys.wait();
        yield sys.call('close', writer);
        note(['and what is there, once all writers are gone', yield poll(-1, [reader, IN]), revents()]);
        yield sys.call('read', reader, page + 512n, 10);
        note(['hang-up alone, not asked for', yield poll(-1, [reader, 0]), revents()]);
        yield sys.call('pipe', page);
        yield sys.call('close', memory.i32(page));
        note(['nobody reads', yield poll(-1, [memory.i32(page + 4n), OUT]), revents()]);
        note(['too many', yield sys.call('poll', fds, 1025, 0)]);
        note(['fault', yield sys.call('poll', 8, 1, 0)]);
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['nothing to read', 1, 0, OUT],
    ['closed, negative', 1, NVAL, 0],
    ['timeout', 0, 0],
    ['a child writes', 1, IN],
    ['and what is there, once all writers are gone', 1, IN | HUP],
    ['hang-up alone, not asked for', 1, HUP],
    ['nobody reads', 1, OUT | ERR],
    ['too many', -22],
    ['fault', -14],
  ]);
  expect(stop).toBe('finished');
});

test('select: sets in, sets out, the time that is left', () => {
  const { noted } = play(
    (page, memory, note) =>
      function* () {
        yield sys.call('pipe', page);
        const [reader, writer] = [memory.i32(page), memory.i32(page + 4n)];
        const [readSet, writeSet, timeout] = [page + 128n, page + 256n, page + 384n];
        const bit = (fd: number) => 1n << BigInt(fd);
        memory.putU64(readSet, bit(reader));
        memory.putU64(writeSet, bit(writer));
        memory.putU64(timeout, 1, 0);
        note(['writable', yield sys.call('select', 10, readSet, writeSet, 0, timeout)]);
        note([memory.u64(readSet), memory.u64(writeSet) === bit(writer)]);
        memory.putU64(readSet, bit(50));
        note(['not open', yield sys.call('select', 60, readSet, 0, 0, 0)]);
        note(['count', yield sys.call('select', -1, readSet, 0, 0, 0)]);
        memory.putU64(timeout, 0, -5);
        note(['time', yield sys.call('select', 0, 0, 0, 0, timeout)]);
        memory.putU64(timeout, 0, 2_500_000);
        yield sys.call('write', writer, page, 1);
        memory.putU64(readSet, bit(reader));
        note(['readable', yield sys.call('select', 10, readSet, 0, 0, timeout)]);
        note([memory.u64(timeout), memory.u64(timeout + 8n) / 1000n]);
        memory.putU64(timeout, 0, 3000);
        note(['sleep', yield sys.call('select', 0, 0, 0, 0, timeout), memory.u64(timeout), memory.u64(timeout + 8n)]);
        note(['fault', yield sys.call('select', 10, 8, 0, 0, 0)]);
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['writable', 1],
    [0n, true],
    ['not open', -9],
    ['count', -22],
    ['time', -22],
    ['readable', 1],
    [2n, 500n],
    ['sleep', 0, 0n, 0n],
    ['fault', -14],
  ]);
});

test('a byte wakes one of many readers, and each gets one', () => {
  const children = 200;
  const { noted, stop, kernel } = play(
    (page, memory, note) =>
      function* () {
        yield sys.call('pipe', page);
        const [reader, writer] = [memory.i32(page), memory.i32(page + 4n)];
        for (let i = 0; i < children; i++)
          yield sys.fork(function* () {
            note(yield sys.call('read', reader, page + 512n, 1));
            yield sys.exit(0);
          });
        yield sys.work(1_000_000);
        for (let i = 0; i < children; i++) yield sys.call('write', writer, page, 1);
        for (let i = 0; i < children; i++) yield sys.wait();
        yield sys.exit(0);
      },
  );
  expect(stop).toBe('finished');
  expect(noted).toEqual(Array(children).fill(1));
  expect(kernel.processes().length).toBe(0);
});
