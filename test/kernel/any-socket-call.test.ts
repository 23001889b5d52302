/**
 * Whatever two processes do with sockets, pipes, epolls and their like, the kernel answers: no exception, no frame lost.
 * Descriptors and structures are those that there are, so that the calls get far.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StraceWriter } from '../../src/cli/strace.ts';
import { PAGE, PRIVATE_ANON, RW } from '../helpers/bare-process.ts';
import { guestMemory } from '../helpers/guest-memory.ts';
import { type Program, story, sys } from '../helpers/story.ts';

/** Calls by what their arguments are: descriptor, new descriptors, addresses of structures, small numbers. */
const CALLS: readonly (readonly [name: string, ...args: string[]])[] = [
  ['socket', 'family', 'type', 'zero'], ['socket', 'family', 'type', 'zero'], ['socketpair', 'one', 'type', 'zero', 'out'],
  ['pipe2', 'out', 'flags'], ['eventfd2', 'small', 'flags'], ['epoll_create1', 'zero'], ['timerfd_create', 'one', 'flags'],
  ['bind', 'fd', 'address', 'length'], ['listen', 'fd', 'small'], ['connect', 'fd', 'address', 'length'],
  ['accept4', 'fd', 'zero', 'zero', 'flags'], ['sendto', 'fd', 'buffer', 'count', 'message', 'zero', 'zero'],
  ['sendto', 'fd', 'buffer', 'count', 'message', 'address', 'length'], ['recvfrom', 'fd', 'buffer', 'count', 'message', 'zero', 'zero'],
  ['sendmsg', 'fd', 'header', 'message'], ['recvmsg', 'fd', 'header', 'message'], ['shutdown', 'fd', 'small'],
  ['read', 'fd', 'buffer', 'count'], ['write', 'fd', 'buffer', 'count'], ['close', 'fd'], ['dup', 'fd'], ['dup2', 'fd', 'fd'],
  ['getsockopt', 'fd', 'one', 'option', 'buffer', 'sizeAt'], ['setsockopt', 'fd', 'one', 'option', 'buffer', 'length'],
  ['getpeername', 'fd', 'buffer', 'sizeAt'], ['getsockname', 'fd', 'buffer', 'sizeAt'],
  ['epoll_ctl', 'fd', 'small', 'fd', 'event'], ['epoll_wait', 'fd', 'buffer', 'small', 'brief'], ['poll', 'fds', 'small', 'brief'],
  ['sendfile', 'fd', 'fd', 'zero', 'count'], ['splice', 'fd', 'zero', 'fd', 'zero', 'count', 'flags'], ['tee', 'fd', 'fd', 'count', 'zero'],
  ['ioctl', 'fd', 'request', 'buffer'], ['fcntl', 'fd', 'four', 'flags'], ['timerfd_settime', 'fd', 'zero', 'timer', 'zero'],
  ['sched_yield'],
]; // biome-ignore format: a table

const MAX_FD = 14;
type Choice = readonly [call: number, picks: readonly number[]];

function argument(kind: string, pick: number, page: bigint): bigint {
  const of = (...values: (number | bigint)[]): bigint => BigInt(values[pick % values.length]);
  switch (kind) {
    case 'fd':
      return BigInt(3 + (pick % MAX_FD));
    case 'one':
      return 1n;
    case 'four':
      return 4n;
    case 'family':
      return of(1, 2, 10, 16);
    case 'type':
      return of(1, 2, 5, 0x801, 0x802, 3);
    case 'flags':
      return of(0x800, 0x800, 0);
    case 'out':
    case 'buffer':
      return page + 2048n;
    case 'address':
      return page + of(0, 32, 64, 96);
    case 'length':
      return of(16, 5, 28, 2, 110);
    case 'header':
      return page + of(256, 320);
    case 'event':
      return page + of(512, 528, 544);
    case 'fds':
      return page + 600n;
    case 'timer':
      return page + 700n;
    case 'sizeAt':
      return page + 1000n;
    case 'count':
      return of(1, 100, 5000, 70_000, 300_000);
    case 'message':
      return of(0, 0x40, 0x42, 0x4000, 0x4100, 1);
    case 'option':
      return BigInt(pick % 40);
    case 'request':
      return of(0x541b, 0x5411, 0x5421, 0x8933);
    case 'small':
      return BigInt(pick % 5);
    case 'brief':
      return of(0, 1, 50);
    default:
      return 0n;
  }
}

test('any sequence of calls on sockets and what waits for them is answered', () => {
  const choice = fc.tuple(fc.nat(CALLS.length - 1), fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(choice, { maxLength: 80 }), fc.array(choice, { maxLength: 80 }), (first, second) => {
      const lines: string[] = [];
      let page = 0n;
      const calls = (choices: readonly Choice[]): Program =>
        function* () {
          for (const [call, picks] of choices) {
            const [name, ...kinds] = CALLS[call];
            yield sys.call(name, ...kinds.map((kind, i) => argument(kind, picks[i], page)));
          }
          yield sys.exit(0);
        };
      const played = story(function* () {
        page = BigInt(yield sys.call('mmap', 0, 128n * PAGE, RW, PRIVATE_ANON, -1, 0));
        const memory = guestMemory(() => played.task.mm);
        memory.put(page, '\x01\0\0abc');
        memory.put(page + 32n, '\x02\0\x30\x39\x7f\0\0\x01');
        memory.put(page + 64n, '\x0a\0\x30\x39');
        memory.put(page + 96n, '\x01\0/tmp/s\0');
        for (const [at, control] of [[256n, 0], [320n, 24]] as const)
          memory.putU64(page + at, 0, 0, page + 400n, 2, page + 440n, control, 0);
        memory.putU64(page + 400n, page + 2048n, 10, page + 3000n, 5000);
        memory.putU64(page + 440n, 20, 0x1_0000_0001n, 4);
        memory.putI32(page + 512n, 5, 1, 0, 0, 0x8000_0005 | 0, 2, 0, 0, 0x4000_0001, 3, 0, 0);
        memory.putI32(page + 600n, 3, 5, 4, 5, 5, 5, 6, 5, 7, 5);
        memory.putU64(page + 700n, 0, 1000, 0, 500);
        memory.putI32(page + 1000n, 100);
        yield sys.call('socketpair', 1, 1, 0, page + 2048n);
        yield sys.call('pipe2', page + 2048n, 0x800);
        yield sys.fork(calls(second));
        yield* calls(first)();
      }, new StraceWriter((line) => void lines.push(line)));
      expect(['finished', 'deadlock']).toContain(played.play());
      played.kernel.endAll();
      played.kernel.shutDown();
      expect(played.frames.inUse()).toBe(0);
      for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/);
    }),
    { seed: 4, numRuns: 100 },
  );
}); // biome-ignore format: the one list
