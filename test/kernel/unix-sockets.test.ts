/** AF_UNIX sockets: unix(7), socketpair(2), sendmsg(2). Results recorded on Linux 6.18. */
import { describe, expect, test } from 'vitest';
import type { GuestMemory } from '../helpers/guest-memory.ts';
import { playNoted } from '../helpers/memory-story.ts';
import { sys } from '../helpers/story.ts';

const UNIX = 1;
const [STREAM, DGRAM, SEQPACKET] = [1, 2, 5];
const NONBLOCK = 0x800;
const [IN, OUT, HUP, RDHUP] = [1, 4, 0x10, 0x2000];
const [PEEK, TRUNC, DONTWAIT, WAITALL, NOSIGNAL] = [2, 0x20, 0x40, 0x100, 0x4000];
const [EBADF, EAGAIN, EINVAL, EPIPE, EADDRINUSE, ECONNRESET, EISCONN, ENOTCONN, ECONNREFUSED] = [-9, -11, -22, -32, -98, -104, -106, -107, -111]; // biome-ignore format: one line

/** The usual calls, with their structures at fixed places. */
const callsAt = (page: bigint, memory: GuestMemory) => {
  const [fds, text, into, name] = [page, page + 64n, page + 1024n, page + 512n];
  return {
    *pair(type: number) {
      yield sys.call('socketpair', UNIX, type, 0, fds);
      return [memory.i32(fds), memory.i32(fds + 4n)] as const;
    },
    send(fd: number, bytes: string, flags = NOSIGNAL) {
      memory.put(text, bytes);
      return sys.call('sendto', fd, text, bytes.length, flags, 0, 0);
    },
    *receive(
      fd: number,
      most = 100,
      flags = DONTWAIT,
    ): Generator<ReturnType<typeof sys.call>, string | number, number> {
      const count = yield sys.call('recvfrom', fd, into, most, flags, 0, 0);
      return count < 0 ? count : memory.text(into, Math.min(count, most));
    },
    *poll(fd: number) {
      memory.putI32(fds, fd, IN | OUT | RDHUP);
      yield sys.call('poll', fds, 1, 0);
      return memory.i32(fds + 4n) >> 16;
    },
    /** An abstract name. */
    withName(call: string, fd: number, of: string) {
      memory.put(name, `\x01\0\0${of}`);
      return sys.call(call, fd, name, 3 + of.length);
    },
  };
};

test('a stream: peeked, joined, half closed', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { pair, send, receive, poll } = callsAt(page, memory);
        const [one, other] = yield* pair(STREAM);
        note('new', yield* poll(one));
        yield send(one, 'hello');
        note(yield* poll(other), yield* receive(other, 3, PEEK), yield* receive(other, 3), yield* receive(other));
        note(yield* receive(other));
        yield send(one, 'abc');
        yield send(one, 'def');
        note(yield* receive(other, 100, PEEK), yield* receive(other, 6, WAITALL));
        note('half', yield sys.call('shutdown', one, 1), yield* poll(one), yield* poll(other));
        note(yield* receive(other), yield send(one, 'x'), yield send(other, 'y'), yield* receive(one));
        note(yield sys.call('shutdown', one, 3));
        yield sys.call('close', one);
        note('closed', yield* poll(other), yield send(other, 'y'), yield* receive(other));
        const [lost, unread] = yield* pair(STREAM);
        yield send(lost, 'zz');
        yield sys.call('close', unread);
        note('unread', yield* receive(lost), yield* receive(lost), yield send(lost, 'q'));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['new', OUT],
    [IN | OUT, 'hel', 'hel', 'lo'],
    [EAGAIN],
    ['abcdef', 'abcdef'],
    ['half', 0, OUT, IN | OUT | RDHUP],
    ['', EPIPE, 1, 'y'],
    [EINVAL],
    ['closed', IN | OUT | HUP | RDHUP, EPIPE, ''],
    ['unread', ECONNRESET, '', EPIPE],
  ]);
});

test('messages: whole or cut, empty ones too', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { pair, send, receive, poll } = callsAt(page, memory);
        const [one, other] = yield* pair(DGRAM);
        note(yield send(one, 'one'), yield send(one, ''), yield send(one, 'three'));
        note(yield sys.call('recvfrom', other, page, 2, TRUNC, 0, 0), yield* receive(other), yield* receive(other, 2));
        note(yield* receive(other));
        yield sys.call('close', other);
        note('gone', yield* poll(one), yield send(one, 'x'), yield send(one, 'x'), yield* receive(one));
        const [left, right] = yield* pair(SEQPACKET);
        yield send(left, 'one');
        yield send(left, 'two');
        note(yield* receive(right, 2), yield* receive(right));
        yield sys.call('close', left);
        note('end', yield* poll(right), yield* receive(right), yield send(right, 'x'));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    [3, 0, 5],
    [3, '', 'th'],
    [EAGAIN],
    ['gone', OUT, ECONNREFUSED, ENOTCONN, EAGAIN],
    ['on', 'two'],
    ['end', IN | OUT | HUP | RDHUP, '', EPIPE],
  ]);
});

test.each([
  [STREAM, 1, 278], [STREAM, 192, 278], [STREAM, 256, 167], [STREAM, 1000, 93], [STREAM, 3776, 49], [STREAM, 3777, 44],
  [STREAM, 4096, 44], [STREAM, 10000, 17], [DGRAM, 1, 278], [DGRAM, 3777, 26], [DGRAM, 10000, 13], [SEQPACKET, 600, 167],
])('socket type %i takes writes of %i bytes: %i', (type, bytes, writes) => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { pair } = callsAt(page, memory);
        const [one] = yield* pair(type | NONBLOCK);
        let count = 0;
        while ((yield sys.call('write', one, page, bytes)) === bytes) count++;
        note(count);
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([[writes]]);
}); // biome-ignore format: a table

test('names, a queue of connections, the end of a listener', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { send, receive, poll, withName } = callsAt(page, memory);
        const listener = yield sys.call('socket', UNIX, STREAM, 0);
        const make = () => sys.call('socket', UNIX, STREAM | NONBLOCK, 0);
        note('no name', yield sys.call('listen', listener, 5), yield sys.call('accept', listener, 0, 0));
        note(yield withName('bind', listener, 'abc'), yield withName('bind', listener, 'abd'));
        note(yield sys.call('listen', listener, 1));
        const [one, two, three] = [yield make(), yield make(), yield make()];
        note('taken', yield withName('bind', one, 'abc'), yield* poll(one));
        note('nobody', yield withName('connect', one, 'xyz'));
        note('two wait', yield withName('connect', one, 'abc'), yield withName('connect', one, 'abc'));
        note('no more', yield withName('connect', two, 'abc'), yield withName('connect', three, 'abc'));
        yield send(one, 'early');
        const end = yield sys.call('accept4', listener, 0, 0, NONBLOCK);
        note(yield* receive(end), yield sys.call('getsockname', end, page + 2048n, lengthOf(memory, page)));
        note(memory.text(page + 2048n, 6), memory.i32(page + 2000n));
        yield sys.call('close', listener);
        note('closed', yield* poll(two), yield* receive(two), yield* receive(two));
        note(yield withName('connect', three, 'abc'));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['no name', EINVAL, EINVAL],
    [0, EINVAL],
    [0],
    ['taken', EADDRINUSE, OUT | HUP],
    ['nobody', ECONNREFUSED],
    ['two wait', 0, EISCONN],
    ['no more', 0, EAGAIN],
    ['early', 0],
    ['\x01\0\0abc', 6],
    ['closed', IN | OUT | HUP | RDHUP | 8, ECONNRESET, ''],
    [ECONNREFUSED],
  ]);
});

function lengthOf(memory: GuestMemory, page: bigint): bigint {
  memory.putI32(page + 2000n, 110);
  return page + 2000n;
}

describe('files are sent', () => {
  /** struct msghdr with one piece of one byte and these descriptors. */
  function header(memory: GuestMemory, page: bigint, fds: readonly number[], room = 16 + 4 * fds.length): bigint {
    const [at, iov, control] = [page + 2048n, page + 2200n, page + 2300n];
    memory.putU64(iov, page, 1);
    memory.putU64(at, 0, 0, iov, 1, control, room, 0);
    memory.putU64(control, 16 + 4 * fds.length, 0x1_0000_0001n);
    memory.putI32(control + 16n, ...fds);
    return at;
  }

  test('and arrive as new descriptors of the same; what does not fit is closed', () => {
    const { noted, stop } = playNoted(
      (page, memory, note) =>
        function* () {
          const { pair } = callsAt(page, memory);
          const [one, other] = yield* pair(STREAM);
          yield sys.call('pipe', page);
          const [reader, writer] = [memory.i32(page), memory.i32(page + 4n)];
          yield sys.call('write', one, page, 1);
          note(yield sys.call('sendmsg', one, header(memory, page, [reader, writer]), 0));
          yield sys.call('write', one, page, 1);
          yield sys.call('close', writer);
          note('up to it', yield sys.call('read', other, page, 0), yield sys.call('recvfrom', other, page, 1, 0, 0, 0));
          const at = header(memory, page, [0, 0]);
          note('by itself', yield sys.call('recvmsg', other, at, 0), memory.u64(at + 40n), memory.u64(at + 48n));
          const copy = memory.i32(page + 2300n + 20n);
          note(copy === writer + 1, yield sys.call('write', copy, page, 3), yield sys.call('read', reader, page, 9));
          note('bad', yield sys.call('sendmsg', one, header(memory, page, [99]), 0));
          yield sys.call('sendmsg', one, header(memory, page, [copy]), 0);
          yield sys.call('close', copy);
          yield sys.call('read', other, page, 1);
          yield sys.call('read', other, page, 1);
          note('nobody has it', yield sys.call('read', reader, page, 1));
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([
      [1],
      ['up to it', 0, 1],
      ['by itself', 1, 24n, 0n],
      [true, 3, 3],
      ['bad', EBADF],
      ['nobody has it', 0],
    ]);
    expect(stop).toBe('finished');
  });
});

test('sockets that only messages to each other keep open are closed', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { pair } = callsAt(page, memory);
        const [one, other] = yield* pair(STREAM);
        yield sys.call('pipe', page);
        const [reader, writer] = [memory.i32(page), memory.i32(page + 4n)];
        const [at, iov, control] = [page + 2048n, page + 2200n, page + 2300n];
        const send = (through: number, fd: number) => {
          memory.putU64(iov, page, 1);
          memory.putU64(at, 0, 0, iov, 1, control, 20, 0);
          memory.putU64(control, 20, 0x1_0000_0001n);
          memory.putI32(control + 16n, fd);
          return sys.call('sendmsg', through, at, 0);
        };
        note(yield send(one, one), yield send(other, other), yield send(one, writer));
        yield sys.call('close', writer);
        yield sys.call('fcntl', reader, 4, NONBLOCK);
        note('open', yield sys.call('read', reader, page, 1));
        yield sys.call('close', one);
        note('still', yield sys.call('read', reader, page, 1));
        yield sys.call('close', other);
        note('closed', yield sys.call('read', reader, page, 1));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    [1, 1, 1],
    ['open', EAGAIN],
    ['still', EAGAIN],
    ['closed', 0],
  ]);
});

test('a thousand processes wait for connections, and each takes one', () => {
  const clients = 1000;
  const { noted, stop } = playNoted(
    (page, memory, note) =>
      function* () {
        const { withName } = callsAt(page, memory);
        const listener = yield sys.call('socket', UNIX, STREAM, 0);
        yield withName('bind', listener, 'many');
        yield sys.call('listen', listener, 10);
        for (let i = 0; i < clients; i++)
          yield sys.fork(function* () {
            note(yield sys.call('accept', listener, 0, 0));
            yield sys.exit(0);
          });
        yield sys.work(2_000_000);
        for (let i = 0; i < clients; i++) {
          const socket = yield sys.call('socket', UNIX, STREAM, 0);
          yield withName('connect', socket, 'many');
          yield sys.call('close', socket);
        }
        for (let i = 0; i < clients; i++) yield sys.wait();
        yield sys.exit(0);
      },
  );
  expect(noted.length).toBe(clients);
  expect(new Set(noted.map(String))).toEqual(new Set(['4']));
  expect(stop).toBe('finished');
});
