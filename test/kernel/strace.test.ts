/** Texts of strace 6.1 on Linux, and what the printer makes of the same calls. */
import { describe, expect, test } from 'vitest';
import { EBADF, ERESTARTSYS } from '../../src/abi/errno.ts';
import { quoted } from '../../src/kernel/syscalls/args/text.ts';
import { callText, endingText, execText, resultText, signalText, unknownCallText } from '../../src/kernel/syscalls/strace.ts'; // biome-ignore format: oneline

import { findSyscall } from '../../src/kernel/syscalls/table.ts';
import { story, sys } from '../helpers/story.ts';

/** Memory of which only this is there. */
const memory = new Map<bigint, Uint8Array>([
  [0x1000n, new TextEncoder().encode('Written while the page was writable: ')],
  [0x2000n, new Uint8Array([0, 7, 0, 0])],
  [0x3000n, new Uint8Array(new BigInt64Array([1n, 500n, 0n, 0n]).buffer)],
  [0x6000n, new Uint8Array(new BigInt64Array([1n, 500n, ...new Array<bigint>(16).fill(0n)]).buffer)],
  [0x4000n, new Uint8Array(new BigInt64Array([0x1000n, 7n, 0n, 0n]).buffer)],
]);
const peek = (address: bigint, length: number): Uint8Array | undefined => {
  const bytes = memory.get(address);
  return bytes && length <= bytes.length ? bytes.subarray(0, length) : undefined;
};
const shown = (number: number, args: Record<string, bigint | number>, result: bigint): string =>
  callText({ record: findSyscall(number)!, args, result, peek }, undefined);

describe('calls', () => {
  test.each<[number, Record<string, bigint | number>, bigint, string]>([
    [
      9,
      { addr: 0n, length: 4096n, prot: 3, flags: 0x21, fd: -1, offset: 0n },
      0x7f1234560000n,
      'mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7f1234560000',
    ],
    [11, { addr: 0x7f33633b9000n, length: 4096n }, 0n, 'munmap(0x7f33633b9000, 4096)            = 0'],
    [10, { addr: 0x1000n, length: 1n, prot: 0 }, 0n, 'mprotect(0x1000, 1, PROT_NONE)          = 0'],
    [10, { addr: 0x1000n, length: 1n, prot: 0x100 }, 0n, 'mprotect(0x1000, 1, 0x100 /* PROT_??? */) = 0'],
    [12, { addr: 0n }, 0x3e0e4000n, 'brk(NULL)                               = 0x3e0e4000'],
    [57, {}, 6285n, 'fork()                                  = 6285'],
    [1, { fd: 1, buffer: 0x1000n, count: 37n }, 37n, 'write(1, "Written while the page was writa"..., 37) = 37'],
    [1, { fd: 1, buffer: 0x10n, count: 0n }, 0n, 'write(1, "", 0)                         = 0'],
    [1, { fd: 1, buffer: 0x10n, count: 1n }, 0n, 'write(1, 0x10, 1)                       = 0'],
    [
      20,
      { fd: 1, iov: 0x4000n, count: 2n },
      7n,
      'writev(1, [{iov_base="Written", iov_len=7}, {iov_base=NULL, iov_len=0}], 2) = 7',
    ],
    [
      327,
      { fd: 3, iov: 0x4000n, count: 2n, offset: 0n, high: 0n, flags: 9 },
      -95n,
      'preadv2(3, [{iov_base=0x1000, iov_len=7}, {iov_base=NULL, iov_len=0}], 2, 0, RWF_HIPRI|RWF_NOWAIT) = -95',
    ],
    [91, { fd: 3, mode: 0o22 }, 0n, 'fchmod(3, 022)                          = 0'],
    [91, { fd: 3, mode: 0 }, 0n, 'fchmod(3, 000)                          = 0'],
    [73, { fd: 3, operation: 6 }, 0n, 'flock(3, LOCK_EX|LOCK_NB)               = 0'],
    [436, { first: 10, last: 0xffff_ffff, flags: 4 }, 0n, 'close_range(10, 4294967295, CLOSE_RANGE_CLOEXEC) = 0'],
    [
      61,
      { pid: -1, status: 0x2000n, options: 0, rusage: 0n },
      7n,
      'wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 7',
    ],
    [61, { pid: -1, status: 0x2000n, options: 1, rusage: 0n }, 0n, 'wait4(-1, 0x2000, WNOHANG, NULL)        = 0'],
    [61, { pid: -1, status: 0n, options: 0x10, rusage: 0n }, 0n, 'wait4(-1, NULL, 0x10 /* W??? */, NULL)  = 0'],
    [
      61,
      { pid: -1, status: 0n, options: 0xe100000f, rusage: 0n },
      -22n,
      'wait4(-1, NULL, WNOHANG|WEXITED|WSTOPPED|WCONTINUED|WNOWAIT|__WCLONE|__WALL|__WNOTHREAD, NULL) = -22',
    ],
    [
      98,
      { who: -1, usage: 0x6000n },
      0n,
      'getrusage(RUSAGE_CHILDREN, {ru_utime={tv_sec=1, tv_usec=500}, ru_stime={tv_sec=0, tv_usec=0}, ...}) = 0',
    ],
    [98, { who: 2, usage: 0x3000n }, -22n, 'getrusage(0x2 /* RUSAGE_??? */, 0x3000) = -22'],
    [35, { duration: 0x3000n, remainder: 0n }, 0n, 'nanosleep({tv_sec=1, tv_nsec=500}, NULL) = 0'],
    [62, { pid: 6324, signal: 9 }, 0n, 'kill(6324, SIGKILL)                     = 0'],
    [158, { code: 0x9999, address: 0n }, 0n, 'arch_prctl(0x9999 /* ARCH_??? */, 0)    = 0'],
    [158, { code: 0x1002, address: 0x1234n }, 0n, 'arch_prctl(ARCH_SET_FS, 0x1234)         = 0'],
    [228, { clock: 1, time: 0x3000n }, 0n, 'clock_gettime(CLOCK_MONOTONIC, {tv_sec=1, tv_nsec=500}) = 0'],
    [
      56,
      { flags: 0x1200011n, stack: 0n, parentTid: 0n, childTid: 0x5000n, tls: 0n },
      5n,
      'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x5000) = 5',
    ],
  ])('%i %o', (number, args, result, text) => {
    expect(shown(number, args, result)).toBe(text);
  });

  test('errors, interrupted calls, calls that never return', () => {
    const record = findSyscall(1)!;
    expect(resultText(record, -9n, EBADF)).toBe('= -1 EBADF (Bad file descriptor)');
    expect(resultText(record, undefined, ERESTARTSYS)).toBe('= ? ERESTARTSYS (To be restarted if SA_RESTART is set)');
    expect(resultText(findSyscall(60)!, undefined, undefined)).toBe('= ?');
  });

  test('unknown calls', () => {
    expect(unknownCallText(0x270f, undefined, [0x7fn, 0n, ~0n & 0xffffn])).toBe('syscall_0x270f(0x7f, 0, 0xffff)');
    expect(unknownCallText(257, 'openat', [])).toBe('openat()');
  });

  test('execve', () => {
    expect(execText('./arguments', ['./arguments', 'two words', ''], 0x7ffc164f9e00n, 1)).toBe(
      'execve("./arguments", ["./arguments", "two words", ""], 0x7ffc164f9e00 /* 1 var */) = 0',
    );
  });
});

test.each([
  ['a"b\\c\n\t', '"a\\"b\\\\c\\n\\t"'],
  ['\0', '"\\0"'],
  ['\x001', '"\\0001"'],
  ['\x009', '"\\09"'],
  ['\x7f\xff', '"\\177\\377"'],
])('the string %j', (text, expected) => {
  expect(quoted(Uint8Array.from(text, (c) => c.charCodeAt(0)))).toBe(expected);
});

test('signals and endings', () => {
  expect(signalText({ signal: 11, code: 1, address: 0n })).toBe(
    '--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---',
  );
  expect(signalText({ signal: 15, code: 0, pid: 6323, uid: 0 })).toBe(
    '--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=6323, si_uid=0} ---',
  );
  expect(signalText({ signal: 17, code: 1, pid: 6351, uid: 0, status: 0, utime: 3 })).toBe(
    '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=6351, si_uid=0, si_status=0, si_utime=3 /* 0.03 s */, si_stime=0} ---',
  );
  expect(signalText({ signal: 17, code: 2, pid: 1, uid: 0, status: 9, utime: 0 })).toContain(
    'si_code=CLD_KILLED, si_pid=1, si_uid=0, si_status=SIGKILL',
  );
  expect(endingText({ kind: 'exited', status: 1 })).toBe('+++ exited with 1 +++');
  expect(endingText({ kind: 'killed', signal: 11 })).toBe('+++ killed by SIGSEGV +++');
});

test('what the observer hears of a parent that waits', () => {
  const lines: string[] = [];
  const note = (pid: number, text: string) => lines.push(`${pid} ${text}`);
  story(
    function* () {
      yield sys.fork(function* () {
        yield sys.exit(7);
      });
      yield sys.wait();
      yield sys.exit(0);
    },
    {
      onSyscallEnter: ({ pid, entryText }) => note(pid, entryText()),
      onSyscallBlocked: ({ pid }) => note(pid, '<blocked>'),
      onSyscallExit: ({ pid, blocked, exitText, resultText }) =>
        note(pid, `${blocked ? '<resumed> ' : ''}${exitText()} ${resultText()}`),
      onSignal: ({ pid, text, action }) => note(pid, `${text()} ${action}`),
      onExit: ({ pid, text }) => note(pid, text()),
      onFork: ({ pid, child }) => note(pid, `child ${child.pid}`),
    },
  ).play();
  expect(lines).toEqual([
    '100 fork(',
    '100 child 101',
    '100 ) = 101',
    '100 wait4(-1, ',
    '100 <blocked>',
    '101 exit(7',
    '101 ) = ?',
    '101 +++ exited with 7 +++',
    '100 <resumed> NULL, 0, NULL) = 101',
    '100 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=101, si_uid=1000, si_status=7, si_utime=0, si_stime=0} --- ignored',
    '100 exit(0',
    '100 ) = ?',
    '100 +++ exited with 0 +++',
  ]);
});
