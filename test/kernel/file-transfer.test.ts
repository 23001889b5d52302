/** FIFOs, and bytes that go from file to file: fifo(7), sendfile(2), splice(2), tee(2). Results recorded on Linux 6.18. */
import { expect, test } from 'vitest';
import { playNoted } from '../helpers/memory-story.ts';
import { sys } from '../helpers/story.ts';

const [O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_NONBLOCK] = [0, 1, 2, 0x40, 0x800];
const [IN, OUT, HUP] = [1, 4, 0x10];
const [EBADF, EAGAIN, EINVAL, ESPIPE, ENXIO, EEXIST] = [-9, -11, -22, -29, -6, -17];

test('a FIFO: who opens one end waits for the other', () => {
  const { noted, stop } = playNoted(
    (page, memory, note) =>
      function* () {
        memory.put(page, '/tmp/fifo\0');
        const open = (flags: number) => sys.call('open', page, flags, 0);
        const poll = function* (fd: number): Generator<ReturnType<typeof sys.call>, number, number> {
          memory.putI32(page + 64n, fd, IN | OUT);
          yield sys.call('poll', page + 64n, 1, 0);
          return memory.i32(page + 68n) >> 16;
        };
        note(yield sys.call('mknod', page, 0o010600, 0), yield sys.call('mknod', page, 0o010600, 0));
        note('nobody reads', yield open(O_WRONLY | O_NONBLOCK));
        const reader = yield open(O_RDONLY | O_NONBLOCK);
        note('nobody has written', yield* poll(reader), yield sys.call('read', reader, page + 256n, 1));
        const writer = yield open(O_WRONLY | O_NONBLOCK);
        note(yield* poll(reader), yield* poll(writer), yield sys.call('read', reader, page + 256n, 1));
        note(yield sys.call('write', writer, page, 3), yield* poll(reader), yield sys.call('close', writer));
        note('hung up', yield* poll(reader), yield sys.call('read', reader, page + 256n, 9), yield* poll(reader));
        yield sys.call('close', reader);
        const both = yield open(O_RDWR);
        note('both', yield* poll(both), yield sys.call('write', both, page, 3), yield* poll(both));
        yield sys.call('close', both);
        yield sys.fork(function* () {
          yield sys.work(5000);
          const end = yield open(O_WRONLY);
          yield sys.call('write', end, page, 9);
          yield sys.exit(0);
        });
        const waited = yield open(O_RDONLY);
        note('what was unread is gone', yield sys.call('read', waited, page + 256n, 99));
        note(yield sys.call('read', waited, page + 256n, 99), yield sys.call('close', waited));
        const child = yield sys.fork(function* () {
          yield open(O_RDONLY);
          yield sys.exit(0);
        });
        yield sys.work(5000);
        yield sys.call('kill', child, 9);
        yield sys.wait();
        yield sys.wait();
        note('a reader was killed as he waited', yield open(O_WRONLY | O_NONBLOCK));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    [0, EEXIST],
    ['nobody reads', ENXIO],
    ['nobody has written', 0, 0],
    [0, OUT, EAGAIN],
    [3, IN, 0],
    ['hung up', IN | HUP, 3, HUP],
    ['both', OUT, 3, IN | OUT],
    ['what was unread is gone', 9],
    [0, 0],
    ['a reader was killed as he waited', ENXIO],
  ]);
  expect(stop).toBe('finished');
});

test('sendfile, splice and tee', () => {
  const { noted, stop } = playNoted(
    (page, memory, note) =>
      function* () {
        const [name, other, offset, into] = [page, page + 32n, page + 64n, page + 1024n];
        memory.put(name, '/tmp/from\0');
        memory.put(other, '/tmp/to\0');
        const from = yield sys.call('open', name, O_RDWR | O_CREAT, 0o600);
        const to = yield sys.call('open', other, O_RDWR | O_CREAT, 0o600);
        for (let i = 0; i < 100; i++) yield sys.call('write', from, name, 10);
        yield sys.call('lseek', from, 0, 0);
        const at = (fd: number) => sys.call('lseek', fd, 0, 1);
        note(yield sys.call('sendfile', to, from, 0, 100), yield at(from), yield at(to));
        memory.putU64(offset, 995);
        note(yield sys.call('sendfile', to, from, offset, 100), memory.u64(offset), yield at(from));
        note(yield sys.call('sendfile', to, from, offset, 100), yield sys.call('sendfile', to, 99, 0, 1));
        yield sys.call('pipe', into);
        const [reader, writer] = [memory.i32(into), memory.i32(into + 4n)];
        note('no file', yield sys.call('sendfile', to, reader, 0, 1));
        note('to a pipe', yield sys.call('sendfile', writer, from, 0, 50), yield sys.call('read', reader, into, 99));
        memory.putU64(offset, 3);
        note('splice', yield sys.call('splice', from, offset, writer, 0, 4, 0), memory.u64(offset));
        note(
          yield sys.call('splice', reader, offset, to, 0, 4, 0),
          yield sys.call('splice', reader, 0, writer, 0, 4, 0),
        );
        note(yield sys.call('splice', reader, 0, to, 0, 99, 0), yield sys.call('splice', reader, 0, to, 0, 9, 2));
        note('neither', yield sys.call('splice', from, 0, to, 0, 9, 0));
        yield sys.call('pipe', page + 2000n);
        const [second, secondWriter] = [memory.i32(page + 2000n), memory.i32(page + 2004n)];
        yield sys.call('write', writer, name, 6);
        note('tee', yield sys.call('tee', reader, secondWriter, 4, 0), yield sys.call('read', second, into, 99));
        note(yield sys.call('read', reader, into, 99), yield sys.call('tee', reader, secondWriter, 4, 2));
        yield sys.fork(function* () {
          yield sys.call('close', writer);
          let total = 0;
          for (let count = 1; count > 0; total += count) count = yield sys.call('read', reader, into, 777);
          note('a reader gets', total);
          yield sys.exit(0);
        });
        yield sys.call('ftruncate', from, 200_000);
        yield sys.call('lseek', from, 0, 0);
        note('and the call sends what the pipe holds', yield sys.call('sendfile', writer, from, 0, 300_000));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    [100, 100, 100],
    [5, 1000n, 100],
    [0, EBADF],
    ['no file', EINVAL],
    ['to a pipe', 50, 50],
    ['splice', 4, 7n],
    [ESPIPE, EINVAL],
    [4, EAGAIN],
    ['neither', EINVAL],
    ['tee', 4, 4],
    [6, EAGAIN],
    ['and the call sends what the pipe holds', 65_536],
    ['a reader gets', 65_536],
  ]);
  expect(stop).toBe('finished');
});
