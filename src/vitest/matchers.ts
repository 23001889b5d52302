/**
 * Matchers for vitest, about what came of a run:
 *
 *     import 'pml4/vitest';
 *     expect(await run('shm_demo')).toExitWith(0);
 *
 * Importing this file extends `expect` and its types. A failure says what happened instead, with the last calls.
 */
import { expect } from 'vitest';
import type { ProcessResult, RunResult, SyscallResultEntry } from '../machine/result.ts';
import { describeOutcome, describeRun, normalSpaces, showText } from './describe.ts';

/** A process, by its pid or as an entry of `result.processes`. */
export type ProcessRef = number | Pick<ProcessResult, 'pid'>;

/** `mmap`; `munmap(0x7ffff7ffe000, 4096) = 0`, the beginning of a line that strace(1) prints; or a pattern for the line. */
export type SyscallPattern = string | RegExp;

interface Pml4Matchers<R> {
  /** The program exited with this status; `process`: that process did. */
  toExitWith(status: number, process?: ProcessRef): R;
  /** A signal ended the program (or that process): `toBeKilledBy('SIGSEGV')`. */
  toBeKilledBy(signal: string, process?: ProcessRef): R;
  /** Standard output is this text, all of it, or matches the pattern. */
  toHaveStdout(expected: string | RegExp): R;
  /** Standard output has this text somewhere in it. */
  toPrint(text: string): R;
  /** These calls were made in this order, with any others between them; `process`: by that process. */
  toHaveSyscalls(calls: readonly SyscallPattern[], process?: ProcessRef): R;
  /**
   * The two processes had this page in one frame up to the end: when the first of them exited or unmapped it. Pages that
   * both could have changed without a copy count, and those that neither has written to since the fork. Without an
   * address: some page in a frame that what one of them stores the other reads.
   */
  toShareFrame(one: ProcessRef, other: ProcessRef, address?: bigint): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares it so
  interface Matchers<T = any> extends Pml4Matchers<T> {}
}

interface Verdict {
  pass: boolean;
  message: () => string;
  expected?: unknown;
  actual?: unknown;
}

expect.extend({
  toExitWith(received: unknown, status: number, process?: ProcessRef): Verdict {
    const result = asRunResult(received, 'toExitWith');
    const subject = endedProcess(result, process);
    return {
      pass: subject.status === status,
      message: () =>
        sentence(`${subject.name} to exit with ${status}`, subject.status === status, subject.what, result),
      expected: status,
      actual: subject.status,
    };
  },

  toBeKilledBy(received: unknown, signal: string, process?: ProcessRef): Verdict {
    const result = asRunResult(received, 'toBeKilledBy');
    const subject = endedProcess(result, process);
    return {
      pass: subject.signal === signal,
      message: () =>
        sentence(`${subject.name} to be killed by ${signal}`, subject.signal === signal, subject.what, result),
      expected: signal,
      actual: subject.signal,
    };
  },

  toHaveStdout(received: unknown, expected: string | RegExp): Verdict {
    const result = asRunResult(received, 'toHaveStdout');
    const pass = typeof expected === 'string' ? result.stdout === expected : expected.test(result.stdout);
    return {
      pass,
      message: () =>
        sentence(`standard output to be ${showText(expected)}`, pass, `it is ${showText(result.stdout)}`, result),
      expected: String(expected),
      actual: result.stdout,
    };
  },

  toPrint(received: unknown, text: string): Verdict {
    const result = asRunResult(received, 'toPrint');
    const pass = result.stdout.includes(text);
    const what = `standard output is ${showText(result.stdout)}`;
    return { pass, message: () => sentence(`the program to print ${showText(text)}`, pass, what, result) };
  },

  toHaveSyscalls(received: unknown, calls: readonly SyscallPattern[], process?: ProcessRef): Verdict {
    const result = asRunResult(received, 'toHaveSyscalls');
    const pid = process === undefined ? undefined : pidOf(process);
    const made = result.syscalls.filter((call) => pid === undefined || call.pid === pid);
    let next = 0;
    for (const call of made) if (next < calls.length && isCall(call, calls[next])) next++;
    const pass = next === calls.length;
    const who = pid === undefined ? 'the run' : `process ${pid}`;
    const found = pass
      ? 'it has'
      : `${next === 0 ? 'it has none' : `it has the first ${next}`}, but not ${showText(calls[next])}${next === 0 ? '' : ' after them'}`;
    return {
      pass,
      message: () => {
        const dropped = result.syscallsDropped > 0 ? `\n${result.syscallsDropped} later calls were not recorded` : '';
        const all = made.map((call) => `  [pid ${call.pid}] ${call.text}`).join('\n');
        return `expected ${who} ${pass ? 'not ' : ''}to have the system calls ${calls.map(showText).join(', ')}: ${found}\nThe calls were:\n${all}${dropped}`;
      },
      expected: calls.map(String),
      actual: made.map(({ name }) => name),
    };
  },

  toShareFrame(received: unknown, one: ProcessRef, other: ProcessRef, address?: bigint): Verdict {
    const result = asRunResult(received, 'toShareFrame');
    const pids = [pidOf(one), pidOf(other)];
    for (const pid of pids) findProcess(result, pid);
    const page = address === undefined ? undefined : address & ~0xfffn;
    const common = result.sharedFrames.filter(({ users }) =>
      pids.every((pid) => users.some((user) => user.pid === pid)),
    );
    const found = common.filter(({ users, writable }) =>
      page === undefined ? writable : users.some((user) => pids.includes(user.pid) && user.address === page),
    );
    const pass = found.length > 0;
    const where = page === undefined ? 'a writable frame' : `the frame of 0x${page.toString(16)}`;
    const shared = common.map(({ frame, users, copyOnWrite, writable }) => {
      const places = users.map((user) => `pid ${user.pid} at 0x${user.address.toString(16)}`).join(', ');
      return `  frame 0x${frame.toString(16).padStart(8, '0')}: ${places}${copyOnWrite ? ', copy on write' : writable ? '' : ', read-only'}`;
    });
    const what = shared.length === 0 ? 'They shared no frame.' : `They shared, up to the end:\n${shared.join('\n')}`;
    return {
      pass,
      message: () => `expected pid ${pids[0]} and pid ${pids[1]} ${pass ? 'not ' : ''}to share ${where}. ${what}`,
    };
  },
});

function sentence(expectation: string, pass: boolean, what: string, result: RunResult): string {
  return `expected ${pass ? expectation.replace(/ to /, ' not to ') : expectation}, but ${what}\n${describeRun(result)}`;
}

const pidOf = (process: ProcessRef): number => (typeof process === 'number' ? process : process.pid);

function findProcess(result: RunResult, pid: number): ProcessResult {
  const found = result.processes.find((candidate) => candidate.pid === pid);
  if (found) return found;
  throw new TypeError(`there was no process ${pid}; there were ${result.processes.map(({ pid }) => pid).join(', ')}`);
}

/** The program itself, or one of its processes. */
function endedProcess(result: RunResult, process: ProcessRef | undefined) {
  if (process === undefined)
    return { name: 'the program', status: result.status, signal: result.signal, what: `it ${describeOutcome(result)}` };
  const { pid, status, signal } = findProcess(result, pidOf(process));
  const what =
    status !== undefined ? `it exited with ${status}` : signal ? `it was killed by ${signal}` : 'it was still running';
  return { name: `process ${pid}`, status, signal, what };
}

function isCall({ name, text }: SyscallResultEntry, pattern: SyscallPattern): boolean {
  if (typeof pattern !== 'string') return pattern.test(normalSpaces(text));
  return pattern.includes('(') ? normalSpaces(text).startsWith(normalSpaces(pattern)) : name === pattern;
}

function asRunResult(received: unknown, matcher: string): RunResult {
  if (received instanceof Promise)
    throw new TypeError(`${matcher} needs a result: expect(await run(...)).${matcher}(...)`);
  const isResult = typeof received === 'object' && received !== null && 'outcome' in received && 'syscalls' in received;
  if (!isResult) throw new TypeError(`${matcher} needs what run() or machine.run() gives`);
  return received as RunResult;
}
