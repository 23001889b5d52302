/** Every call that is there, by number; a number that two records claim is a bug. */
import { invariant } from '../../base/invariant.ts';
import { schedGetaffinity, schedSetaffinity } from './affinity.ts';
import { archPrctl } from './arch-prctl.ts';
import { brk } from './brk.ts';
import type { Support, Syscall } from './define.ts';
import { close, dup, dup2, dup3 } from './dup.ts';
import { exit, exitGroup } from './exit.ts';
import { fcntl } from './fcntl.ts';
import { clone, fork, vfork } from './fork.ts';
import { getrandom } from './getrandom.ts';
import { getrusage } from './getrusage.ts';
import { getegid, geteuid, getgid, getpgid, getpgrp, getpid, getppid, gettid, getuid, setTidAddress } from './ids.ts';
import { ioctl } from './ioctl.ts';
import { kill, tgkill } from './kill.ts';
import { lseek } from './lseek.ts';
import { mmap, munmap } from './mmap.ts';
import { mprotect } from './mprotect.ts';
import { pipe, pipe2 } from './pipe.ts';
import { read, readv } from './read.ts';
import { readlink, readlinkat } from './readlink.ts';
import { getrlimit, prlimit64, setrlimit } from './rlimit.ts';
import { schedYield } from './sched-yield.ts';
import { rtSigpending, rtSigprocmask } from './sigprocmask.ts';
import { fstat, newfstatat } from './stat.ts';
import { sysinfo } from './sysinfo.ts';
import { rseq, setRobustList } from './thread-lists.ts';
import { clockGettime, clockNanosleep, gettimeofday, nanosleep, time } from './time.ts';
import { uname } from './uname.ts';
import { wait4 } from './wait4.ts';
import { write, writev } from './write.ts';

const SYSCALLS: readonly Syscall[] = [
  read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, rtSigprocmask, ioctl, readv, writev, pipe, schedYield, dup, dup2, nanosleep, getpid, clone, fork, vfork,
  exit, wait4, kill, uname, fcntl, readlink, gettimeofday, getrlimit, getrusage, sysinfo, getuid, getgid, geteuid, getegid, getppid, getpgrp, getpgid, rtSigpending, archPrctl, setrlimit, gettid, time, schedSetaffinity, schedGetaffinity,
  setTidAddress, clockGettime, clockNanosleep, exitGroup, tgkill, newfstatat, readlinkat, setRobustList, dup3, pipe2, prlimit64, getrandom, rseq,
]; // biome-ignore format: a list by number

const BY_NUMBER: (Syscall | undefined)[] = [];
for (const record of SYSCALLS) {
  invariant(BY_NUMBER[record.number] === undefined, `two system calls have the number ${record.number}`);
  BY_NUMBER[record.number] = record;
}

export const findSyscall = (number: number): Syscall | undefined => BY_NUMBER[number];

/** What is there and what it leaves out, by number: the table of support. */
export const supportedSyscalls = (): { number: number; name: string; support: Support }[] =>
  BY_NUMBER.flatMap((record) =>
    record ? [{ number: record.number, name: record.name, support: record.support }] : [],
  );
