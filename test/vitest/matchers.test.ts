/** What the matchers say when they fail is what they are for. */
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/machine/result.ts';

const call = (pid: number, text: string) => ({
  pid,
  name: text.split('(')[0],
  args: {},
  result: 0n,
  error: undefined,
  text,
});

const result: RunResult = {
  outcome: 'exited',
  status: 1,
  signal: undefined,
  exitCode: 1,
  stdout: 'Child read: 0x?\n',
  stderr: '',
  stdoutBytes: new Uint8Array(),
  stderrBytes: new Uint8Array(),
  processes: [
    { pid: 100, ppid: 1, status: 1, signal: undefined, ending: undefined, instructions: 30 },
    { pid: 101, ppid: 100, status: undefined, signal: 'SIGSEGV', ending: undefined, instructions: 12 },
  ],
  syscalls: [
    call(100, 'mmap(NULL, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fff000'),
    call(100, 'fork()                                  = 101'),
    call(101, 'munmap(0x7ffff7fff000, 4096)            = 0'),
    call(100, 'exit(1)                                 = ?'),
  ],
  syscallsDropped: 0,
  waiting: [],
  sharedFrames: [
    {
      frame: 0x21a000,
      users: [
        { pid: 101, address: 0x7ffff7fff000n },
        { pid: 100, address: 0x7ffff7fff000n },
      ],
      copyOnWrite: false,
      writable: true,
    },
    {
      frame: 0x218000,
      users: [
        { pid: 101, address: 0x402000n },
        { pid: 100, address: 0x402000n },
      ],
      copyOnWrite: true,
      writable: false,
    },
  ],
  instructions: 42,
  files: {},
  diagnostics: ['unknown system call 9999'],
};

/** The message of a matcher that fails. */
function failure(matcher: () => void): string {
  try {
    matcher();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the matcher passed');
}

describe('matchers', () => {
  test('pass', () => {
    expect(result).toExitWith(1);
    expect(result).not.toExitWith(0);
    expect(result).toBeKilledBy('SIGSEGV', 101);
    expect(result).toHaveStdout('Child read: 0x?\n');
    expect(result).toHaveStdout(/^Child/);
    expect(result).toPrint('read: 0x');
    expect(result).toHaveSyscalls(['mmap', 'fork() = 101', /exit\(\d\) = \?/]);
    expect(result).not.toHaveSyscalls(['fork', 'mmap']);
    expect(result).toHaveSyscalls(['munmap'], 101);
    expect(result).not.toHaveSyscalls(['munmap'], result.processes[0]);
    expect(result).toShareFrame(100, 101);
    expect(result).toShareFrame(100, 101, 0x7ffff7fff008n);
    expect(result).not.toShareFrame(100, 101, 0x401000n);
  });

  test('toExitWith says what happened instead', () => {
    expect(failure(() => expect(result).toExitWith(0))).toMatchInlineSnapshot(`
      "expected the program to exit with 0, but it exited with 1
      Its last system calls:
        [pid 100] mmap(NULL, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fff000
        [pid 100] fork()                                  = 101
        [pid 101] munmap(0x7ffff7fff000, 4096)            = 0
        [pid 100] exit(1)                                 = ?
      Standard output: "Child read: 0x?\\n"
      pml4: unknown system call 9999"
    `);
    expect(failure(() => expect(result).toExitWith(0, 101))).toContain('but it was killed by SIGSEGV');
    expect(failure(() => expect({ ...result, outcome: 'limit', status: undefined }).toExitWith(0))).toContain(
      'but it was stopped after 42 instructions (maxInstructions)',
    );
    expect(failure(() => expect(result).not.toExitWith(1))).toContain('expected the program not to exit with 1');
  });

  test('toBeKilledBy', () => {
    expect(failure(() => expect(result).toBeKilledBy('SIGSEGV'))).toContain(
      'expected the program to be killed by SIGSEGV, but it exited with 1',
    );
  });

  test('toHaveSyscalls says how far it came', () => {
    expect(failure(() => expect(result).toHaveSyscalls(['fork', 'write']))).toMatchInlineSnapshot(`
      "expected the run to have the system calls "fork", "write": it has the first 1, but not "write" after them
      The calls were:
        [pid 100] mmap(NULL, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fff000
        [pid 100] fork()                                  = 101
        [pid 101] munmap(0x7ffff7fff000, 4096)            = 0
        [pid 100] exit(1)                                 = ?"
    `);
  });

  test('toShareFrame says what was shared', () => {
    expect(failure(() => expect(result).toShareFrame(100, 101, 0x401000n))).toMatchInlineSnapshot(`
      "expected pid 100 and pid 101 to share the frame of 0x401000. They shared, up to the end:
        frame 0x0021a000: pid 101 at 0x7ffff7fff000, pid 100 at 0x7ffff7fff000
        frame 0x00218000: pid 101 at 0x402000, pid 100 at 0x402000, copy on write"
    `);
  });

  test('toShareFrame without an address means memory that carries values', () => {
    const apart = { ...result, sharedFrames: result.sharedFrames.slice(1) };
    expect(failure(() => expect(apart).toShareFrame(100, 101))).toMatchInlineSnapshot(`
      "expected pid 100 and pid 101 to share a writable frame. They shared, up to the end:
        frame 0x00218000: pid 101 at 0x402000, pid 100 at 0x402000, copy on write"
    `);
    expect(apart).toShareFrame(100, 101, 0x402000n);
  });

  test('point out what they were given', () => {
    expect(() => expect(Promise.resolve(result)).toExitWith(0)).toThrow('needs a result: expect(await run(...))');
    expect(() => expect('text').toPrint('x')).toThrow('needs what run() or machine.run() gives');
    expect(() => expect(result).toShareFrame(100, 999)).toThrow('there was no process 999; there were 100, 101');
  });
});
