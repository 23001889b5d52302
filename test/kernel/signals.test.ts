import { describe, expect, test } from 'vitest';
import { PendingSignals } from '../../src/kernel/task/signal-queue.ts';
import { guestMemory } from '../helpers/guest-memory.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const [SIGALRM, SIGCHLD, SIGKILL, SIGSEGV, SIGUSR1, SIGVTALRM] = [14, 17, 9, 11, 10, 26];
const info = (signal: number, code = 0) => ({ signal, code });
const SHARED = 0x1000_0000n;

/** A story whose programs share a page, at SHARED; what they note. */
function shared(program: (note: (value: number) => void, memory: ReturnType<typeof guestMemory>) => Program) {
  const noted: number[] = [];
  const memory = guestMemory(() => played.kernel.current!.mm);
  const played = story(function* () {
    yield sys.call('mmap', SHARED, 4096, 3, 0x31, -1, 0);
    yield* program((value) => noted.push(value), memory)();
  });
  const stop = played.play();
  return { ...played, noted, stop };
}

describe('signals that wait', () => {
  const ALL = (1n << 64n) - 1n;

  test('a standard one waits once, real-time ones each, and the lowest number goes first, but faults before all', () => {
    const pending = new PendingSignals();
    const added = [info(40, 1), info(SIGUSR1), info(40, 2), info(SIGUSR1), info(34), info(SIGSEGV)].map((one) => pending.add(one)); // biome-ignore format: one line
    expect(added).toEqual([true, true, true, false, true, true]);
    const taken = Array.from({ length: 6 }, () => pending.take(ALL));
    expect(taken.map((one) => one && [one.signal, one.code])).toEqual([[11, 0], [10, 0], [34, 0], [40, 1], [40, 2], undefined]); // biome-ignore format: one line
    expect(pending.set).toBe(0n);
  });

  test('one that is no longer to be delivered when it is taken gives its turn to the next', () => {
    const pending = new PendingSignals();
    pending.add({ ...info(34), taken: () => undefined });
    pending.add(info(35));
    expect(pending.take(ALL)?.signal).toBe(35);
  });
});

describe('timers', () => {
  test.each([
    [0, SIGALRM],
    [1, SIGVTALRM],
  ])('timer %i interrupts a computation at its instruction', (which, signal) => {
    const { kernel } = shared(
      (_note, memory) =>
        function* () {
          memory.putU64(SHARED, 0, 0, 0, 5); // 5 microseconds, once
          yield sys.call('setitimer', which, SHARED, 0);
          yield sys.work(1_000_000);
        },
    );
    const [process] = kernel.allProcesses;
    expect(process.ending).toEqual({ kind: 'killed', signal });
    expect(process.usage.instructions).toBe(2 + 5000);
  });

  test('a periodic timer whose signal is ignored does not keep the machine running', () => {
    const { stop, kernel } = shared(
      (_note, memory) =>
        function* () {
          memory.putU64(SHARED, 1, 0, 0, 0); // SIG_IGN
          yield sys.call('rt_sigaction', SIGALRM, SHARED, 0, 8);
          memory.putU64(SHARED, 0, 5, 0, 5);
          yield sys.call('setitimer', 0, SHARED, 0);
          yield sys.call('pause');
        },
    );
    expect(stop).toBe('deadlock');
    kernel.endAll();
  });
});

test('rt_sigtimedwait takes a blocked signal, and its time passes without one', () => {
  const { noted } = shared(
    (note, memory) =>
      function* () {
        memory.putU64(SHARED, 1n << BigInt(SIGCHLD - 1));
        memory.putU64(SHARED + 16n, 0, 1000);
        yield sys.call('rt_sigprocmask', 0, SHARED, 0, 8);
        yield sys.fork(function* () {
          yield sys.exit(3);
        });
        note(yield sys.call('rt_sigtimedwait', SHARED, SHARED + 64n, 0, 8));
        note(memory.i32(SHARED + 64n + 24n)); // si_status
        note(yield sys.call('rt_sigtimedwait', SHARED, 0, SHARED + 16n, 8));
        note(yield sys.wait());
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([SIGCHLD, 3, -11, 101]);
});

describe('futex', () => {
  const WAIT = 0;
  const WAKE = 1;

  test('processes meet at a word of shared memory', () => {
    const { noted, kernel, stop } = shared(
      (note) =>
        function* () {
          for (let i = 0; i < 3; i++)
            yield sys.fork(function* () {
              note(yield sys.call('futex', SHARED, WAIT, 0, 0));
              yield sys.exit(0);
            });
          yield sys.yield();
          note(yield sys.call('futex', SHARED, WAIT, 1, 0));
          note(100 + (yield sys.call('futex', SHARED, WAKE, 2)));
          yield sys.yield();
          note(100 + (yield sys.call('futex', SHARED, WAKE, 5)));
          for (let i = 0; i < 3; i++) yield sys.wait();
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([-11, 102, 0, 0, 101, 0]);
    expect(stop).toBe('finished');
    expect(kernel.futexes.size).toBe(0);
  });

  test('a process that is killed while it waits leaves no trace', () => {
    const { kernel, noted } = shared(
      (note) =>
        function* () {
          const child = yield sys.fork(function* () {
            yield sys.call('futex', SHARED, WAIT, 0, 0);
            yield sys.exit(0);
          });
          yield sys.yield();
          yield sys.call('kill', child, SIGKILL);
          note(yield sys.wait());
          note(yield sys.call('futex', SHARED, WAKE, 5));
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([101, 0]);
    expect(kernel.futexes.size).toBe(0);
  });
});
