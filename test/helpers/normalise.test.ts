import { describe, expect, test } from 'vitest';
import { normaliseStrace, processEndings } from './normalise.ts';

describe('normaliseStrace', () => {
  test('gives the same text whatever the pids, the addresses and the order of the processes', () => {
    const toFile = `6367  execve("./demo", ["./demo"], 0x7fff853c8748 /* 1 var */) = 0
6367  mmap(NULL, 8192, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7fc0726c7000
6367  fork()                            = 6368
6367  wait4(-1,  <unfinished ...>
6368  munmap(0x7fc0726c8000, 4096)      = 0
6368  exit(1)                           = ?
6368  +++ exited with 1 +++
6367  <... wait4 resumed>NULL, 0, NULL) = 6368
6367  --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=6368, si_uid=0, si_status=1, si_utime=2, si_stime=0} ---
6367  exit(0)                           = ?
6367  +++ exited with 0 +++
`;
    const toTerminal = `execve("fixtures/demo", ["fixtures/demo"], 0x7ffffffde000 /* 0 vars */) = 0
mmap(NULL, 8192, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7ffff7ffd000
fork()                                  = 101
strace: Process 101 attached
[pid   101] sched_yield()               = 0
[pid   101] munmap(0x7ffff7ffe000, 4096) = 0
[pid   101] exit(1)                     = ?
[pid   101] +++ exited with 1 +++
wait4(-1, NULL, 0, NULL)                = 101
exit(0)                                 = ?
+++ exited with 0 +++
`;
    expect(normaliseStrace(toTerminal)).toBe(normaliseStrace(toFile));
    expect(normaliseStrace(toFile)).toBe(`process 1
  execve("demo", ["demo"]) = 0
  mmap(NULL, 8192, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = <mmap1>
  fork() = <1.1>
  wait4(-1, NULL, 0, NULL) = <1.1>
  exit(0) = ?
  +++ exited with 0 +++
process 1.1
  munmap(<mmap1+0x1000>, 4096) = 0
  exit(1) = ?
  +++ exited with 1 +++
`);
    expect(processEndings(toFile)).toEqual({ '1': { exit: 0 }, '1.1': { exit: 1 } });
    expect(processEndings(toTerminal)).toEqual(processEndings(toFile));
  });

  test('knows the pid of a process that has always been alone', () => {
    const alone = 'getpid()                                = 100\nkill(100, SIGUSR1)                      = 0\n';
    expect(normaliseStrace(alone)).toBe('process 1\n  getpid() = <1>\n  kill(<1>, SIGUSR1) = 0\n');
  });

  test('names mappings by the process that made them, in whatever order they were made', () => {
    const mapping = (pid: number, address: string) =>
      `${pid} mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = ${address}\n`;
    const start = `7 execve("./a", ["./a"], 0x7ffd0 /* 0 vars */) = 0\n${mapping(7, '0x7f1230000000')}7 fork() = 8\n`;
    const one = `${start}${mapping(7, '0x7f1231000000')}${mapping(8, '0x7f1232000000')}8 munmap(0x7f1230000000, 1) = 0\n`;
    const other = `${start}${mapping(8, '0x7f1231000000')}${mapping(7, '0x7f1231000000')}8 munmap(0x7f1230000000, 1) = 0\n`;
    expect(normaliseStrace(one)).toBe(normaliseStrace(other));
    expect(normaliseStrace(one)).toContain(`process 1.1
  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = <1.1.mmap1>
  munmap(<mmap1>, 1) = 0
`);
  });

  test('leaves addresses that a program has asked for below 4 GiB', () => {
    const line = 'mmap(0x20000000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, 3, 0) = 0x20000000';
    expect(normaliseStrace(`${line}\n`)).toBe(`process 1\n  ${line}\n`);
  });

  test('keeps what differs', () => {
    const one = 'write(1, "a   = b", 7) = 7\n+++ killed by SIGSEGV (core dumped) +++\n';
    expect(normaliseStrace(one)).toBe('process 1\n  write(1, "a   = b", 7) = 7\n  +++ killed by SIGSEGV +++\n');
    expect(processEndings(one)).toEqual({ '1': { signal: 'SIGSEGV' } });
  });
});
