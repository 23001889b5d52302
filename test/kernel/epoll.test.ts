/** epoll(7), eventfd(2) and timerfd(2): results recorded on Linux 6.18. */
import { expect, test } from 'vitest';
import { PAGE, PRIVATE_ANON, RW } from '../helpers/bare-process.ts';
import { guestMemory } from '../helpers/guest-memory.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const [IN, OUT, ERR] = [1, 4, 8];
const [ET, ONESHOT, EXCLUSIVE] = [0x8000_0000, 0x4000_0000, 0x1000_0000];
const [ADD, DEL, MOD] = [1, 2, 3];
const [EAGAIN, EEXIST, EINVAL, EPERM, ELOOP, ENOENT, EBADF] = [-11, -17, -22, -1, -40, -2, -9];

type Memory = ReturnType<typeof guestMemory>;

function play(program: (page: bigint, memory: Memory, note: (...values: unknown[]) => void) => Program) {
  const noted: unknown[][] = [];
  const played = story(function* () {
    const page = BigInt(yield sys.call('mmap', 0, 4n * PAGE, RW, PRIVATE_ANON, -1, 0));
    yield* program(page, memory, (...values) => noted.push(values))();
  });
  const memory = guestMemory(() => played.kernel.current!.mm);
  expect(played.play()).toBe('finished');
  return noted;
}

/** Calls with their structures at fixed places in a page. */
const callsAt = (page: bigint, memory: Memory) => ({
  *pipe() {
    yield sys.call('pipe', page);
    return [memory.i32(page), memory.i32(page + 4n)];
  },
  ctl(epoll: number, operation: number, fd: number, events = 0, data = fd) {
    memory.putI32(page + 64n, events, data, 0);
    return sys.call('epoll_ctl', epoll, operation, fd, page + 64n);
  },
  /** `[[events, data], ...]`, or an error. */
  *wait(epoll: number, most = 16, timeout = 0): Generator<ReturnType<typeof sys.call>, unknown, number> {
    const count: number = yield sys.call('epoll_wait', epoll, page + 128n, most, timeout);
    if (count < 0) return count;
    const at = (i: number) => page + 128n + BigInt(12 * i);
    return Array.from({ length: count }, (_, i) => [memory.i32(at(i)), memory.i32(at(i) + 4n)]);
  },
});

test('level, edge and one shot', () => {
  const noted = play(
    (page, memory, note) =>
      function* () {
        const { pipe, ctl, wait } = callsAt(page, memory);
        const [reader, writer] = yield* pipe();
        const write = sys.call('write', writer, page, 1);
        const epoll = yield sys.call('epoll_create1', 0);
        note('add', yield ctl(epoll, ADD, reader, IN), yield* wait(epoll), yield* wait(epoll, 16, 5));
        yield write;
        note('level', yield* wait(epoll, 16, -1), yield* wait(epoll, 16, -1));
        note('edge', yield ctl(epoll, MOD, reader, IN | ET), yield* wait(epoll), yield* wait(epoll));
        yield write;
        note('another write', yield* wait(epoll), yield* wait(epoll));
        yield sys.call('read', reader, page, 1);
        note('a read', yield* wait(epoll));
        note('once', yield ctl(epoll, MOD, reader, IN | ONESHOT), yield* wait(epoll), yield* wait(epoll));
        yield write;
        note('spent', yield* wait(epoll), yield ctl(epoll, MOD, reader, IN | ONESHOT), yield* wait(epoll));
        yield ctl(epoll, ADD, writer, OUT);
        yield ctl(epoll, MOD, reader, IN);
        note('in turn', yield* wait(epoll, 1), yield* wait(epoll, 1), yield* wait(epoll, 1), yield* wait(epoll));
        yield sys.call('close', reader);
        note('closed', yield* wait(epoll), yield ctl(epoll, DEL, writer), yield* wait(epoll));
        yield sys.exit(0);
      },
  );
  const [reader, writer] = [3, 4];
  expect(noted).toEqual([
    ['add', 0, [], []],
    ['level', [[IN, reader]], [[IN, reader]]],
    ['edge', 0, [[IN, reader]], []],
    ['another write', [[IN, reader]], []],
    ['a read', []],
    ['once', 0, [[IN, reader]], []],
    ['spent', [], 0, [[IN, reader]]],
    ['in turn', [[OUT, writer]], [[IN, reader]], [[OUT, writer]], [[IN, reader], [OUT, writer]]],
    ['closed', [[OUT | ERR, writer]], 0, []],
  ]); // biome-ignore format: a table
});

test('what epoll_ctl refuses', () => {
  const noted = play(
    (page, memory, note) =>
      function* () {
        const { pipe, ctl, wait } = callsAt(page, memory);
        const [reader, writer] = yield* pipe();
        const epoll = yield sys.call('epoll_create', 1);
        yield ctl(epoll, ADD, reader, IN);
        note('twice', yield ctl(epoll, ADD, reader, IN));
        note('itself', yield ctl(epoll, ADD, epoll, IN));
        note('closed', yield ctl(epoll, ADD, 99, IN), yield ctl(99, ADD, reader, IN));
        note('no epoll', yield ctl(reader, ADD, writer, IN), yield* wait(reader));
        note('no operation', yield ctl(epoll, 9, reader));
        note('not in it', yield ctl(epoll, DEL, writer), yield ctl(epoll, MOD, writer, IN));
        note('exclusive later', yield ctl(epoll, MOD, reader, IN | EXCLUSIVE));
        const copy = yield sys.call('dup', reader);
        note('exclusive', yield ctl(epoll, ADD, copy, IN | EXCLUSIVE), yield ctl(epoll, MOD, copy, IN));
        note('exclusive, once', yield ctl(epoll, ADD, writer, IN | EXCLUSIVE | ONESHOT));
        note('sizes', yield* wait(epoll, 0), yield sys.call('epoll_create', 0), yield sys.call('epoll_create1', 1));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['twice', EEXIST],
    ['itself', EINVAL],
    ['closed', EBADF, EBADF],
    ['no epoll', EINVAL, EINVAL],
    ['no operation', EINVAL],
    ['not in it', ENOENT, ENOENT],
    ['exclusive later', EINVAL],
    ['exclusive', 0, EINVAL],
    ['exclusive, once', EINVAL],
    ['sizes', EINVAL, EINVAL, EINVAL],
  ]);
});

test('epolls in epolls: readiness passes up; not in a ring, not five deep', () => {
  const noted = play(
    (page, memory, note) =>
      function* () {
        const { pipe, ctl, wait } = callsAt(page, memory);
        const [reader, writer] = yield* pipe();
        const inner = yield sys.call('epoll_create1', 0);
        const outer = yield sys.call('epoll_create1', 0);
        yield ctl(inner, ADD, reader, IN);
        note('nest', yield ctl(outer, ADD, inner, IN), yield ctl(inner, ADD, outer, IN), yield* wait(outer));
        yield sys.fork(function* () {
          yield sys.work(5000);
          yield sys.call('write', writer, page, 1);
          yield sys.exit(0);
        });
        note('passes up', yield* wait(outer, 16, -1), yield* wait(inner));
        const chain: number[] = [];
        for (let i = 0; i < 7; i++) chain.push(yield sys.call('epoll_create1', 0));
        for (let i = 0; i < 6; i++) note(i, yield ctl(chain[i + 1], ADD, chain[i], IN));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['nest', 0, ELOOP, []],
    ['passes up', [[IN, 5]], [[IN, 3]]],
    ...[0, 0, 0, 0, ELOOP, 0].map((result, i) => [i, result]),
  ]);
});

test('eventfd counts, and as a semaphore gives one at a time', () => {
  const noted = play(
    (page, memory, note) =>
      function* () {
        const NONBLOCK = 0x800;
        const [value, fds] = [page + 256n, page + 64n];
        const write = (fd: number, given: bigint) => {
          memory.putU64(value, given);
          return sys.call('write', fd, value, 8);
        };
        const counter = yield sys.call('eventfd2', 0, NONBLOCK);
        const read = sys.call('read', counter, value, 8);
        const poll = () => {
          memory.putI32(fds, counter, IN | OUT);
          return sys.call('poll', fds, 1, 0);
        };
        note('empty', yield read, yield poll(), memory.i32(fds + 4n) >> 16);
        note('five', yield write(counter, 5n), yield read, memory.u64(value));
        note('short', yield sys.call('read', counter, value, 7), yield sys.call('write', counter, value, 4));
        note('full', yield write(counter, -1n), yield write(counter, -2n), yield write(counter, 1n));
        note('to be read alone', yield poll(), memory.i32(fds + 4n) >> 16);
        const semaphore = yield sys.call('eventfd2', 2, NONBLOCK | 1);
        for (let i = 0; i < 3; i++) note('take', yield sys.call('read', semaphore, value, 8), memory.u64(value));
        note('flags', yield sys.call('eventfd2', 0, 0x10));
        const waited = yield sys.call('eventfd', 0);
        yield sys.fork(function* () {
          yield sys.work(5000);
          yield write(waited, 7n);
          yield sys.exit(0);
        });
        note('waits', yield sys.call('read', waited, value, 8), memory.u64(value));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['empty', EAGAIN, 1, OUT],
    ['five', 8, 8, 5n],
    ['short', EINVAL, EINVAL],
    ['full', EINVAL, 8, EAGAIN],
    ['to be read alone', 1, IN],
    ['take', 8, 1n],
    ['take', 8, 1n],
    ['take', EAGAIN, 1n],
    ['flags', EINVAL],
    ['waits', 8, 7n],
  ]);
});

test('timerfd: expirations are counted, those that nobody looked at too', () => {
  const noted = play(
    (page, memory, note) =>
      function* () {
        const [NONBLOCK, ABSTIME] = [0x800, 1];
        const [setting, old, value] = [page + 64n, page + 128n, page + 256n];
        const set = (fd: number, flags: number, interval: number, first: number) => {
          memory.putU64(setting, 0, interval, 0, first);
          return sys.call('timerfd_settime', fd, flags, setting, old);
        };
        const timer = yield sys.call('timerfd_create', 1, NONBLOCK);
        const read = sys.call('read', timer, value, 8);
        note('not set', yield read, yield set(timer, 0, 1_000_000, 5_000_000), yield read);
        yield sys.work(4_900_000);
        note('not yet', yield read);
        yield sys.work(200_000);
        note('once', yield read, memory.u64(value));
        yield sys.work(3_000_000);
        note('three more', yield read, memory.u64(value));
        note('stop', yield set(timer, 0, 0, 0), memory.u64(old + 8n), memory.u64(old + 24n) > 899_000n, yield read);
        const blocking = yield sys.call('timerfd_create', 7, 0);
        note(
          'the past',
          yield set(blocking, ABSTIME, 0, 5),
          yield sys.call('read', blocking, value, 8),
          memory.u64(value),
        );
        note('sleeps', yield set(blocking, 0, 0, 5000), yield sys.call('read', blocking, value, 8), memory.u64(value));
        note('clocks', yield sys.call('timerfd_create', 2, 0), yield sys.call('timerfd_create', 8, 0));
        note('flags', yield sys.call('timerfd_create', 0, 1), yield set(timer, 8, 0, 0), yield set(timer, 0, 0, 1e9));
        note('files', yield set(99, 0, 0, 0), yield set(0, 0, 0, 0), yield sys.call('write', timer, value, 8));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([
    ['not set', EAGAIN, 0, EAGAIN],
    ['not yet', EAGAIN],
    ['once', 8, 1n],
    ['three more', 8, 3n],
    ['stop', 0, 1_000_000n, true, EAGAIN],
    ['the past', 0, 8, 1n],
    ['sleeps', 0, 8, 1n],
    ['clocks', EINVAL, EPERM],
    ['flags', EINVAL, EINVAL, EINVAL],
    ['files', EBADF, EINVAL, EINVAL],
  ]);
});
