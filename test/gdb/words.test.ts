/** Numbers, threads and signals as packets write them. Signals: gdb's numbers, from its signals.def by name. */
import { describe, expect, test } from 'vitest';
import { bigintOfHex, bytesOfHex, hexOfValue, numberOfHex, stringOfHex, valueOfBytes } from '../../src/gdb/bytes.ts';
import { gdbSignal, linuxSignal } from '../../src/gdb/signals.ts';
import { isMeant, parseThreadId, threadIdText } from '../../src/gdb/thread-id.ts';

describe('hexadecimal', () => {
  test('values are written lowest byte first', () => {
    expect(hexOfValue(0x40_1051n, 8)).toBe('5110400000000000');
    expect(valueOfBytes(bytesOfHex('5110400000000000'))).toBe(0x40_1051n);
    expect(hexOfValue(-1n, 2)).toBe('ffff');
    expect(stringOfHex('2f776f726b')).toBe('/work');
  });
  test.each(['', 'x', '-1', '11111111111111111', undefined])('%j is no number', (text) => {
    expect(() => bigintOfHex(text)).toThrow('hexadecimal');
  });
  test('what is no number of ours', () => {
    expect(() => numberOfHex('ffffffffffffffff')).toThrow('too large');
    expect(() => bytesOfHex('abc')).toThrow('hexadecimal');
    expect(() => bytesOfHex('zz')).toThrow('hexadecimal');
  });
});

describe('threads', () => {
  test.each([
    ['p64.66', { pid: 100, tid: 102 }],
    ['p64.-1', { pid: 100, tid: 'all' }],
    ['p64', { pid: 100, tid: 'all' }],
    ['p-1.-1', { pid: 'all', tid: 'all' }],
    ['p0.0', { pid: 'any', tid: 'any' }],
    ['66', { pid: undefined, tid: 102 }],
    ['-1', { pid: undefined, tid: 'all' }],
    ['0', { pid: undefined, tid: 'any' }],
  ])('%s', (text, id) => {
    expect(parseThreadId(text)).toEqual(id);
  });
  test.each(['', 'p', '.1', 'p1.', 'x', 'p1.2.3', '-2', ' 1', 'p1 .1'])('%j is no thread', (text) => {
    expect(() => parseThreadId(text)).toThrow();
  });
  test('who is meant', () => {
    const thread = { pid: 100, tid: 102 };
    expect(threadIdText(100, 102)).toBe('p64.66');
    expect(['p64.66', 'p64.-1', 'p-1.-1', '0', '66'].map((id) => isMeant(parseThreadId(id), thread))).not.toContain(
      false,
    );
    expect(['p64.64', 'p65.-1', 'p65.66', '64'].map((id) => isMeant(parseThreadId(id), thread))).not.toContain(true);
  });
});

test.each([
  ['SIGHUP', 1, 1], ['SIGINT', 2, 2], ['SIGQUIT', 3, 3], ['SIGILL', 4, 4], ['SIGTRAP', 5, 5], ['SIGABRT', 6, 6], ['SIGBUS', 7, 10],
  ['SIGFPE', 8, 8], ['SIGKILL', 9, 9], ['SIGUSR1', 10, 30], ['SIGSEGV', 11, 11], ['SIGUSR2', 12, 31], ['SIGPIPE', 13, 13],
  ['SIGALRM', 14, 14], ['SIGTERM', 15, 15], ['SIGCHLD', 17, 20], ['SIGCONT', 18, 19], ['SIGSTOP', 19, 17], ['SIGTSTP', 20, 18],
  ['SIGTTIN', 21, 21], ['SIGTTOU', 22, 22], ['SIGURG', 23, 16], ['SIGXCPU', 24, 24], ['SIGXFSZ', 25, 25], ['SIGVTALRM', 26, 26],
  ['SIGPROF', 27, 27], ['SIGWINCH', 28, 28], ['SIGIO', 29, 23], ['SIGPWR', 30, 32], ['SIGSYS', 31, 12], ['SIG32', 32, 77],
  ['SIG33', 33, 45], ['SIG34', 34, 46], ['SIG63', 63, 75], ['SIG64', 64, 78],
])('%s: %i is %i', (_name, linux, gdb) => {
  expect(gdbSignal(linux)).toBe(gdb);
  expect(linuxSignal(gdb)).toBe(linux);
}); // biome-ignore format: a table

test('what only one of them has', () => {
  expect(gdbSignal(16)).toBe(143);
  expect([0, 7, 143, 151].map(linuxSignal)).toEqual([undefined, undefined, undefined, undefined]);
});
