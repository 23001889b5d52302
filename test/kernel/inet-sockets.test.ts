/** TCP and UDP over the loopback: tcp(7), udp(7). Results recorded on Linux 6.18, in a network of its own. */
import { expect, test } from 'vitest';
import type { GuestMemory } from '../helpers/guest-memory.ts';
import { playNoted } from '../helpers/memory-story.ts';
import { sys } from '../helpers/story.ts';

/** Calls that give something in the end. */
type Steps<T> = Generator<ReturnType<typeof sys.call>, T, number>;

const [INET, INET6] = [2, 10];
const [STREAM, DGRAM] = [1, 2];
const NONBLOCK = 0x800;
const [IN, OUT, ERR, HUP, RDHUP] = [1, 4, 8, 0x10, 0x2000];
const [DONTWAIT, NOSIGNAL] = [0x40, 0x4000];
const [EAGAIN, EINVAL, EPIPE, EDESTADDRREQ, EMSGSIZE] = [-11, -22, -32, -89, -90];
const [EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ECONNABORTED, ECONNRESET] = [-98, -99, -101, -103, -104];
const [EISCONN, ENOTCONN, ECONNREFUSED, EINPROGRESS] = [-106, -107, -111, -115];
const LOOPBACK = '127.0.0.1';
const PORT = 45711;

const callsAt = (page: bigint, memory: GuestMemory) => {
  const [fds, address, length, text, into] = [page, page + 64n, page + 128n, page + 256n, page + 1024n];
  const bytesOf = (host: string, port: number): Uint8Array => {
    const bytes = new Uint8Array(16);
    bytes[0] = INET;
    bytes.set([port >> 8, port & 0xff, ...host.split('.').map(Number)], 2);
    return bytes;
  };
  return {
    at(call: 'bind' | 'connect', fd: number, host: string, port: number) {
      memory.put(address, bytesOf(host, port));
      return sys.call(call, fd, address, 16);
    },
    *name(fd: number, call: 'getsockname' | 'getpeername' = 'getsockname'): Steps<string | number> {
      memory.putI32(length, 16);
      const failed = yield sys.call(call, fd, address, length);
      const bytes = memory.bytes(address, 8);
      return failed < 0 ? failed : `${bytes.subarray(4).join('.')}:${bytes[2] * 256 + bytes[3]}`;
    },
    socket: (type = STREAM, family = INET) => sys.call('socket', family, type, 0),
    send(fd: number, bytes: string) {
      memory.put(text, bytes);
      return sys.call('sendto', fd, text, bytes.length, NOSIGNAL, 0, 0);
    },
    sendTo(fd: number, bytes: string, host: string, port: number) {
      memory.put(text, bytes);
      memory.put(address, bytesOf(host, port));
      return sys.call('sendto', fd, text, bytes.length, NOSIGNAL, address, 16);
    },
    *receive(fd: number, most = 100): Steps<string | number> {
      const count = yield sys.call('recvfrom', fd, into, most, DONTWAIT, 0, 0);
      return count < 0 ? count : memory.text(into, Math.min(count, most));
    },
    *poll(fd: number): Steps<number> {
      memory.putI32(fds, fd, IN | OUT | RDHUP);
      yield sys.call('poll', fds, 1, 0);
      return memory.i32(fds + 4n) >> 16;
    },
    *error(fd: number): Steps<number> {
      memory.putI32(length, 4);
      yield sys.call('getsockopt', fd, 1, 4, into, length);
      return memory.i32(into);
    },
    *reuse(fd: number): Steps<number> {
      memory.putI32(into, 1);
      return yield sys.call('setsockopt', fd, 1, 2, into, 4);
    },
  };
};

test('a connection, its names, its two halves, its end', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { at, name, socket, send, receive, poll } = callsAt(page, memory);
        const listener = yield socket();
        note('not ours', yield at('bind', listener, '8.8.8.8', PORT), yield at('bind', listener, LOOPBACK, PORT));
        note('twice', yield at('bind', listener, LOOPBACK, PORT), yield sys.call('accept', listener, 0, 0));
        yield sys.call('listen', listener, 5);
        note('listens', yield* name(listener), yield* poll(listener), yield sys.call('read', listener, page, 1));
        const client = yield socket();
        note('new', yield* poll(client), yield sys.call('read', client, page, 1), yield send(client, 'x'));
        note('far', yield at('connect', client, '10.255.255.1', 80));
        note(yield at('connect', client, LOOPBACK, PORT), yield at('connect', client, LOOPBACK, PORT));
        note(yield* name(client, 'getpeername'), yield* poll(client), yield* poll(listener));
        yield send(client, 'hello');
        const server = yield sys.call('accept', listener, 0, 0);
        note(
          (yield* name(server, 'getpeername')) === (yield* name(client)),
          yield* receive(server, 3),
          yield* receive(server),
        );
        note(yield* receive(server), yield send(server, 'resp'), yield sys.call('shutdown', server, 1));
        note('half', yield send(server, 'x'), yield* poll(client), yield* poll(server));
        note(yield* receive(client), yield* receive(client), yield send(client, 'more'), yield* receive(server));
        note('both', yield sys.call('shutdown', client, 1), yield* poll(client), yield* poll(server));
        note(yield* receive(server), yield sys.call('shutdown', server, 0), yield* name(server, 'getpeername'));
        for (const fd of [client, server, listener]) yield sys.call('close', fd);
        const again = yield socket();
        note('the port', yield at('bind', again, LOOPBACK, PORT), yield at('bind', again, LOOPBACK, PORT + 1));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['not ours', EADDRNOTAVAIL, 0],
    ['twice', EINVAL, EINVAL],
    ['listens', `${LOOPBACK}:${PORT}`, 0, ENOTCONN],
    ['new', OUT | HUP, ENOTCONN, EPIPE],
    ['far', ENETUNREACH],
    [0, EISCONN],
    [`${LOOPBACK}:${PORT}`, OUT, IN],
    [true, 'hel', 'lo'],
    [EAGAIN, 4, 0],
    ['half', EPIPE, IN | OUT | RDHUP, OUT],
    ['resp', '', 4, 'more'],
    ['both', 0, IN | OUT | HUP | RDHUP, IN | OUT | HUP | RDHUP],
    ['', ENOTCONN, ENOTCONN],
    ['the port', EADDRINUSE, 0],
  ]);
});

test('refused, reset, never accepted', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { at, socket, send, receive, poll, error, reuse } = callsAt(page, memory);
        const listener = yield socket();
        yield* reuse(listener);
        yield at('bind', listener, LOOPBACK, PORT);
        yield sys.call('listen', listener, 3);
        const pair = function* (): Steps<number[]> {
          const client = yield socket();
          yield at('connect', client, LOOPBACK, PORT);
          return [client, yield sys.call('accept', listener, 0, 0)];
        };
        const [first, closed] = yield* pair();
        yield sys.call('close', closed);
        note('closed', yield* poll(first), yield send(first, 'q'), yield* poll(first));
        note(yield send(first, 'q'), yield* receive(first), yield* error(first));
        const [second, unread] = yield* pair();
        yield send(second, 'unread');
        yield sys.call('close', unread);
        note('unread', yield* poll(second), yield send(second, 'q'), yield send(second, 'q'), yield* receive(second));
        const waiting = yield socket();
        yield at('connect', waiting, LOOPBACK, PORT);
        yield sys.call('close', listener);
        note(
          'not accepted',
          yield* poll(waiting),
          yield* receive(waiting),
          yield at('connect', waiting, LOOPBACK, PORT),
        );
        const refused = yield socket(STREAM | NONBLOCK);
        note('refused', yield at('connect', refused, LOOPBACK, PORT), yield* poll(refused), yield* error(refused));
        note(yield* poll(refused), yield at('connect', refused, LOOPBACK, PORT));
        const waits = yield socket();
        note(yield at('connect', waits, LOOPBACK, PORT), yield* receive(waits));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['closed', IN | OUT | RDHUP, 1, IN | OUT | ERR | HUP | RDHUP],
    [EPIPE, '', 0],
    ['unread', IN | OUT | ERR | HUP | RDHUP, ECONNRESET, EPIPE, ''],
    ['not accepted', IN | OUT | ERR | HUP | RDHUP, ECONNRESET, EISCONN],
    ['refused', EINPROGRESS, IN | OUT | ERR | HUP | RDHUP, 111],
    [IN | OUT | HUP | RDHUP, ECONNABORTED],
    [ECONNREFUSED, ENOTCONN],
  ]);
});

test('nine megabytes go from one process to another, who sleep and wake', () => {
  const total = 9_000_000;
  const { noted, stop } = playNoted(
    (page, memory, note) =>
      function* () {
        const { at, socket } = callsAt(page, memory);
        const listener = yield socket();
        yield at('bind', listener, '0.0.0.0', PORT);
        yield sys.call('listen', listener, 1);
        const big = BigInt(yield sys.call('mmap', 0, 3_000_000, 3, 0x22, -1, 0));
        yield sys.fork(function* () {
          const client = yield socket();
          yield at('connect', client, LOOPBACK, PORT);
          let sent = 0;
          while (sent < total) sent += yield sys.call('write', client, big, 3_000_000);
          note('sent', sent);
          yield sys.exit(0);
        });
        const server = yield sys.call('accept', listener, 0, 0);
        let received = 0;
        for (let count = 1; count > 0; received += count) count = yield sys.call('read', server, big, 50_000);
        note('received', received);
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['sent', total],
    ['received', total],
  ]);
  expect(stop).toBe('finished');
});

test('UDP: messages, whom they are from, what comes to nobody', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const { at, name, socket, send, sendTo, receive, poll } = callsAt(page, memory);
        const [one, other] = [yield socket(DGRAM), yield socket(DGRAM)];
        yield at('bind', one, LOOPBACK, PORT);
        note('taken', yield at('bind', other, LOOPBACK, PORT), yield send(other, 'x'));
        note(yield sendTo(other, 'one', LOOPBACK, PORT), yield sendTo(other, '', '0.0.0.0', PORT));
        note(yield* poll(one), yield* receive(one, 2), yield* receive(one), yield* receive(one));
        note('connected', yield at('connect', other, LOOPBACK, PORT), yield* name(other, 'getpeername'));
        yield sys.call('close', one);
        note('nobody', yield send(other, 'c'), yield* poll(other), yield send(other, 'c'), yield send(other, 'c'));
        note(yield* receive(other), yield* receive(other));
        note('large', yield sys.call('sendto', other, 0, 65_508, 0, 0, 0), yield sendTo(other, 'x', '8.8.8.8', 53));
        const both = yield socket(DGRAM, INET6);
        memory.putU64(page + 64n, BigInt(INET6) | (BigInt((PORT >> 8) | ((PORT & 0xff) << 8)) << 16n), 0, 0, 0);
        note('both families', yield sys.call('bind', both, page + 64n, 28), yield sendTo(other, 'v4', LOOPBACK, PORT));
        note(yield* receive(both), yield at('bind', yield socket(DGRAM), LOOPBACK, PORT));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['taken', EADDRINUSE, EDESTADDRREQ],
    [3, 0],
    [IN | OUT, 'on', '', EAGAIN],
    ['connected', 0, `${LOOPBACK}:${PORT}`],
    ['nobody', 1, OUT | ERR, ECONNREFUSED, 1],
    [ECONNREFUSED, EAGAIN],
    ['large', EMSGSIZE, ENETUNREACH],
    ['both families', 0, 2],
    ['v4', EADDRINUSE],
  ]);
});

test('netlink tells of the loopback interface and its addresses', () => {
  const { noted } = playNoted(
    (page, memory, note) =>
      function* () {
        const [NETLINK, RAW, GETLINK, GETADDR, REQUEST, DUMP] = [16, 3, 18, 22, 1, 0x300];
        const socket = yield sys.call('socket', NETLINK, RAW, 0);
        const ask = (type: number, flags: number, sequence: number) => {
          memory.putI32(page, 20, type | (flags << 16), sequence, 0, 0);
          return sys.call('sendto', socket, page, 20, 0, 0, 0);
        };
        /** Length, type and flags of each message that comes at once. */
        const receive = function* (): Generator<ReturnType<typeof sys.call>, unknown, number> {
          const count = yield sys.call('recvfrom', socket, page + 1024n, 4096, DONTWAIT, 0, 0);
          if (count < 0) return count;
          const found: number[][] = [];
          const view = memory.view(page + 1024n, count);
          for (let at = 0; at < count; at += (view.getUint32(at, true) + 3) & ~3)
            found.push([view.getUint16(at + 4, true), view.getUint16(at + 6, true), view.getUint32(at + 8, true)]);
          return found;
        };
        note(
          'link',
          yield ask(GETLINK, REQUEST | DUMP, 7),
          yield* receive(),
          memory.i32(page + 1024n + 20n),
          yield* receive(),
        );
        note('addresses', yield ask(GETADDR, REQUEST | DUMP, 8), yield* receive(), yield* receive(), yield* receive());
        note('unknown', yield ask(999, REQUEST, 9), yield* receive(), memory.i32(page + 1024n + 16n));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['link', 20, [[16, 2, 7]], 1, [[3, 2, 7]]],
    ['addresses', 20, [[20, 2, 8], [20, 2, 8]], [[3, 2, 8]], EAGAIN],
    ['unknown', 20, [[2, 0, 9]], -95],
  ]); // biome-ignore format: a table
});
