/** Standard input that is prepared, and input that comes while the machine runs. */
import { describe, expect, test } from 'vitest';
import { HostError } from '../../src/host/host.ts';
import { loadImage, Machine, run } from '../../src/index.ts';
import type { Blocked } from '../../src/kernel/syscalls/define.ts';
import { story, sys } from '../helpers/story.ts';
import { twoSegments } from '../helpers/tiny-elf.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 5, value));

/** sub rsp, 64; read(0, rsp, 16); exit(what read gave) */
const READ = '4883ec4031c031ff4889e6ba100000000f0589c7b83c0000000f05';
const program = (hex: string) => twoSegments(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)));

describe('standard input', () => {
  test.each([
    ['nothing', undefined, 0],
    ['a string', 'three', 5],
    ['more than is asked for', 'x'.repeat(100), 16],
    ['bytes', new Uint8Array(3), 3],
    ['a function', () => bytes('abcd'), 4],
    ['what comes later', () => later(bytes('abc')), 3],
    ['an end that comes later', () => later(new Uint8Array(0)), 0],
    ['a failure of the host', () => new HostError('EISDIR'), 256 - 21],
    ['a failure that comes later', () => later(new HostError('EIO')), 256 - 5],
    ['a failure that Linux has no name for', () => new HostError('UNKNOWN'), 256 - 5],
  ])('%s', async (_, stdin, status) => {
    expect(await run(program(READ), { stdin })).toMatchObject({ outcome: 'exited', status });
  });

  test('what a function gives beyond what was asked for is not lost', async () => {
    const pieces = ['0123456789abcdefXYZ', ''];
    // read(0, rsp, 16) again; exit(what the second gave)
    const twice = '4883ec4031c031ff4889e6ba100000000f0531c031ff4889e6ba100000000f0589c7b83c0000000f05';
    expect(await run(program(twice), { stdin: () => bytes(pieces.shift()!) })).toMatchObject({ status: 3 });
  });

  test('an error of the function is the one that run gives', async () => {
    const broken = () => Promise.reject(new Error('broken'));
    await expect(run(program(READ), { stdin: broken })).rejects.toThrow('broken');
  });

  test('input that never comes ends at the timeout, and the machine can go on', async () => {
    const machine = new Machine({ stdin: () => waiting.promise });
    const waiting = Promise.withResolvers<Uint8Array>();
    await machine.load(await loadImage(program(READ)), 'program');
    expect((await machine.run({ timeout: 0.05 })).outcome).toBe('timeout');
    waiting.resolve(bytes('12'));
    expect(await machine.run()).toMatchObject({ outcome: 'exited', status: 2 });
  });

  test('who waits for input keeps nobody else from running', async () => {
    // fork; the child spins for ever, the parent reads and then exits with what it got
    const code = `b8390000000f0585c07502ebfe${READ}`;
    const result = await run(program(code), { stdin: () => later(bytes('x')), timeout: 20, maxInstructions: 1e10 });
    expect(result.processes[0]).toMatchObject({ status: 1 });
  });
});

describe('a call that needs the host', () => {
  test('is run again when the answer has come, and nothing else runs in between', async () => {
    const order: string[] = [];
    const { kernel, play } = story(
      function* () {
        yield sys.fork(function* () {
          order.push('child');
          yield sys.exit(0);
        });
        const got = yield sys.call('getppid');
        order.push(`parent ${got}`);
        yield sys.wait();
        yield sys.exit(0);
      },
      {
        // The first call after fork(2) is made to wait, as one that loads a program is.
        onSyscallExit: ({ name }) => order.push(name),
      },
    );
    const answer = Promise.withResolvers<void>();
    let held: Blocked | undefined;
    const getppid = (await import('../../src/kernel/syscalls/table.ts')).findSyscall(110)!;
    const original = getppid.run;
    getppid.run = (task, args, call) => {
      if (held === undefined) {
        held = kernel.awaitOutside(answer.promise);
        return held;
      }
      return original.call(getppid, task, args, call);
    };
    try {
      expect(play()).toBe('outside');
      expect(play()).toBe('outside');
      expect(order).toEqual(['fork']);
      answer.resolve();
      await answer.promise;
      await Promise.resolve();
      expect(play()).toBe('finished');
      expect(order.slice(0, 3)).toEqual(['fork', 'getppid', 'parent 1']);
    } finally {
      getppid.run = original;
    }
  });
});

describe("the host's clock", () => {
  /** nanosleep(0.05 s); exit(0) */
  const SLEEP = '4883ec104831c04889042448c744240880f0fa024889e731f6b8230000000f0531ffb83c0000000f05';
  test('sleeps are real with it, and take no time without it', async () => {
    const timed = async (clock: 'host' | 'virtual') => {
      const started = performance.now();
      expect(await run(program(SLEEP), { clock })).toMatchObject({ outcome: 'exited', status: 0 });
      return performance.now() - started;
    };
    expect(await timed('host')).toBeGreaterThanOrEqual(50);
    await timed('virtual');
  });
});
