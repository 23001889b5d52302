import { describe, expect, test } from 'vitest';
import { ERESTARTSYS } from '../../src/abi/errno.ts';
import { peek } from '../../src/kernel/mm/user-memory.ts';
import { Blocked } from '../../src/kernel/syscalls/define.ts';
import { bareProcess, PAGE, PRIVATE_ANON, RW } from '../helpers/bare-process.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const endings = (kernel: ReturnType<typeof story>['kernel']) =>
  Object.fromEntries(
    kernel.allProcesses.map(({ pid, ending }) => [
      pid,
      ending && ('status' in ending ? ending.status : `signal ${ending.signal}`),
    ]),
  );
const exits = (status: number): Program =>
  function* () {
    yield sys.exit(status);
  };

/** Plays a story and gives what the program noted. */
function notes(program: (note: (value: number) => void) => Program) {
  const noted: number[] = [];
  const played = story(program((value) => noted.push(value)));
  const stop = played.play();
  return { ...played, noted, stop };
}

describe('fork and wait4', () => {
  test('the parent goes on first; waiting gives the child and its status; then there is none left', () => {
    const { noted, stop, kernel, frames } = notes(
      (note) =>
        function* () {
          note(
            yield sys.fork(function* () {
              note(-1);
              yield sys.exit(7);
            }),
          );
          note(1);
          note(yield sys.wait());
          note(yield sys.wait());
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([101, 1, -1, 101, -10]);
    expect(stop).toBe('finished');
    expect(endings(kernel)).toEqual({ 100: 0, 101: 7 });
    expect(frames.inUse()).toBe(1);
  });

  test('pid selects; WNOHANG does not wait; children are reaped in order of birth', () => {
    const { noted } = notes(
      (note) =>
        function* () {
          const first = yield sys.fork(exits(1));
          const second = yield sys.fork(exits(2));
          const third = yield sys.fork(function* () {
            yield sys.work(5000);
            yield sys.exit(3);
          });
          note(yield sys.wait(third, 1));
          note(yield sys.wait(second));
          note(yield sys.wait(second));
          note(yield sys.wait(0));
          note(yield sys.wait(-1));
          note(yield sys.wait(-1, 0x10));
          note(yield sys.wait(-0x8000_0000));
          note(first);
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([0, 102, -10, 101, 103, -22, -3, 101]);
  });

  test('a zombie keeps its pid until it is waited for', () => {
    const { noted } = notes(
      (note) =>
        function* () {
          const child = yield sys.fork(exits(0));
          yield sys.yield();
          note(yield sys.call('kill', child, 0));
          note(yield sys.call('kill', child, 9));
          note(yield sys.wait(child));
          note(yield sys.call('kill', child, 0));
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([0, 0, 101, -3]);
  });

  test('an orphan becomes the child of 1 and runs to its end', () => {
    const { noted, kernel, stop } = notes(
      (note) =>
        function* () {
          yield sys.fork(function* () {
            note(yield sys.call('getppid'));
            yield sys.work(10_000);
            note(yield sys.call('getppid'));
            yield sys.exit(5);
          });
          yield sys.yield();
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([100, 1]);
    expect(stop).toBe('finished');
    expect(endings(kernel)).toEqual({ 100: 0, 101: 5 });
  });

  test('vfork: the parent stands still until the child has ended', () => {
    const { noted, kernel, frames } = notes(
      (note) =>
        function* () {
          note(
            yield sys.vfork(function* () {
              yield sys.work(5000);
              note(-1);
              yield sys.exit(3);
            }),
          );
          note(yield sys.wait());
          yield sys.exit(0);
        },
    );
    expect(noted).toEqual([-1, 101, 101]);
    expect(endings(kernel)).toEqual({ 100: 0, 101: 3 });
    expect(frames.inUse()).toBe(1);
  });
});

describe('getrusage', () => {
  test('children count once they have been waited for, with the children that they waited for', () => {
    const counts: number[] = [];
    const { kernel, play } = story(function* () {
      const count = () => counts.push(kernel.allProcesses[0].waitedFor.instructions);
      yield sys.fork(function* () {
        yield sys.fork(function* () {
          yield sys.work(7000);
          yield sys.exit(0);
        });
        yield sys.wait();
        yield sys.work(4000);
        yield sys.exit(0);
      });
      count();
      yield sys.wait();
      count();
      yield sys.exit(0);
    });
    play();
    // Beside the work: fork, wait4 and exit of the child, exit of its child.
    expect(counts).toEqual([0, 11_004]);
  });

  test('fills what is counted; EINVAL before EFAULT', () => {
    const { call, task } = bareProcess();
    const buffer = call.mmap(0n, PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
    task.process.usage.instructions = 3_000_005_999;
    task.process.usage.minorFaults = 2;
    expect(call.getrusage(0, buffer)).toBe(0n);
    const words = new BigInt64Array(peek(task.mm, buffer, 144)!.buffer);
    expect([...words].map(Number)).toEqual([3, 5, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(call.getrusage(-1, buffer)).toBe(0n);
    expect(peek(task.mm, buffer, 144)).toEqual(new Uint8Array(144));
    expect([call.getrusage(2, 8n), call.getrusage(0, 8n), call.getrusage(0, 0n)]).toEqual(['EINVAL', 'EFAULT', 'EFAULT']); // biome-ignore format: one line
  });
});

test('getpgid: the caller, another process, a zombie; ESRCH when there is none', () => {
  const { noted } = notes(
    (note) =>
      function* () {
        yield sys.fork(exits(0));
        yield sys.yield();
        for (const pid of [0, 100, 101, 1]) note(yield sys.call('getpgid', pid));
        yield sys.wait();
        for (const pid of [101, -1]) note(yield sys.call('getpgid', pid));
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([100, 100, 100, 1, -3, -3]);
});

describe('scheduling', () => {
  test('slices are of `quantum` instructions, in turn', () => {
    const turns: number[] = [];
    const played = story(
      function* () {
        yield sys.fork(function* () {
          yield sys.work(2500);
          yield sys.exit(0);
        });
        yield sys.work(2500);
        yield sys.exit(0);
      },
      { onSwitch: ({ to }) => turns.push(to.pid) },
    );
    played.play();
    expect(turns).toEqual([100, 101, 100, 101, 100, 101]);
    expect(played.kernel.allProcesses.map((process) => process.usage.instructions)).toEqual([2502, 2501]);
  });

  test('`run` stops to the instruction and goes on where it was', () => {
    const played = story(function* () {
      yield sys.work(10_000);
      yield sys.exit(0);
    });
    expect(played.kernel.run(1234)).toBe('budget');
    expect(played.cpu.retired).toBe(1234);
    expect(played.play()).toBe('finished');
    expect(played.cpu.retired).toBe(10_001);
  });

  test('sleeping costs no instructions, and time passes', () => {
    const order: string[] = [];
    const sleeper = (name: string, ns: number): Program =>
      function* () {
        const at = 0x1000_0000;
        yield sys.call('mmap', at, 4096, 3, 0x32, -1, 0);
        yield sys.call('brk', 0);
        // {0, ns} through the kernel's own hand: clock_gettime fills tv_sec and tv_nsec, which only has to be a valid time.
        yield sys.call('clock_gettime', 2, at);
        for (let i = 0; i < ns; i++) yield sys.call('nanosleep', at, 0);
        order.push(name);
        yield sys.exit(0);
      };
    const played = story(function* () {
      yield sys.fork(sleeper('long', 40));
      yield sys.fork(sleeper('short', 5));
      yield sys.wait();
      yield sys.wait();
      yield sys.exit(0);
    });
    expect(played.play()).toBe('finished');
    expect(order).toEqual(['short', 'long']);
    expect(played.kernel.now()).toBeGreaterThan(played.cpu.retired);
  });

  test('when all that are left wait and nothing can wake them, the run ends', () => {
    const { kernel, task, frames } = bareProcess();
    kernel.scheduler.sleep(kernel.scheduler.next()!, new Blocked(task.process.childChanged, undefined, ERESTARTSYS));
    expect(kernel.run(1000)).toBe('deadlock');
    kernel.endAll();
    expect(frames.inUse()).toBe(1);
  });
});

describe('signals', () => {
  test.each([
    ['DE', 8],
    ['UD', 4],
    ['GP', 11],
    ['BP', 5],
    ['SS', 7],
  ] as const)('#%s ends the process with signal %i', (vector, signal) => {
    const { kernel } = notes(
      () =>
        function* () {
          yield sys.raise({ kind: 'exception', vector, errorCode: 0 });
        },
    );
    expect(endings(kernel)).toEqual({ 100: `signal ${signal}` });
  });

  test('a page fault outside every area is SIGSEGV', () => {
    const { kernel } = notes(
      () =>
        function* () {
          yield sys.raise({ kind: 'pageFault', address: 0n, errorCode: 4 });
        },
    );
    expect(endings(kernel)).toEqual({ 100: 'signal 11' });
  });

  test('kill ends a process that runs, one that sleeps, and oneself', () => {
    const { noted, kernel } = notes(
      (note) =>
        function* () {
          const runs = yield sys.fork(function* () {
            for (;;) yield sys.work(100);
          });
          const sleeps = yield sys.fork(function* () {
            yield sys.fork(function* () {
              for (;;) yield sys.work(100);
            });
            yield sys.wait();
          });
          yield sys.yield();
          yield sys.yield();
          note(yield sys.call('kill', runs, 15));
          note(yield sys.call('kill', sleeps, 9));
          note(yield sys.wait(sleeps));
          note(yield sys.wait(runs));
          note(yield sys.call('kill', 103, 17)); // SIGCHLD does nothing
          note(yield sys.call('tgkill', 103, 103, 1));
          note(yield sys.call('kill', 0, 65));
          yield sys.call('kill', 100, 2);
          note(99);
        },
    );
    expect(noted).toEqual([0, 0, 102, 101, 0, 0, -22]);
    expect(endings(kernel)).toEqual({ 100: 'signal 2', 101: 'signal 15', 102: 'signal 9', 103: 'signal 1' });
  });
});

test('an unknown call is ENOSYS, and named once', () => {
  const { noted, diagnostics } = notes(
    (note) =>
      function* () {
        note(yield { call: 999, args: [] });
        note(yield { call: 999, args: [] });
        note(yield { call: 101, args: [] });
        yield sys.exit(0);
      },
  );
  expect(noted).toEqual([-38, -38, -38]);
  expect(diagnostics).toEqual([
    'unknown system call 999 (pid 100), returning ENOSYS',
    'unknown system call 101 ptrace (pid 100), returning ENOSYS',
  ]);
});
