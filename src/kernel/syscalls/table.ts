/** Every call that is there, by number; a number that two records claim is a bug. */
import { invariant } from '../../base/invariant.ts';
import { archPrctl } from './arch-prctl.ts';
import { brk } from './brk.ts';
import type { Support, Syscall } from './define.ts';
import { exit, exitGroup } from './exit.ts';
import { clone, fork, vfork } from './fork.ts';
import { getrandom } from './getrandom.ts';
import { getrusage } from './getrusage.ts';
import { getegid, geteuid, getgid, getpgid, getpgrp, getpid, getppid, gettid, getuid, setTidAddress } from './ids.ts';
import { ioctl } from './ioctl.ts';
import { kill, tgkill } from './kill.ts';
import { mmap, munmap } from './mmap.ts';
import { mprotect } from './mprotect.ts';
import { read, readv } from './read.ts';
import { schedYield } from './sched-yield.ts';
import { clockGettime, clockNanosleep, gettimeofday, nanosleep, time } from './time.ts';
import { uname } from './uname.ts';
import { wait4 } from './wait4.ts';
import { write, writev } from './write.ts';

const SYSCALLS: readonly Syscall[] = [
  read, write, mmap, mprotect, munmap, brk, ioctl, readv, writev, schedYield, nanosleep, getpid, clone, fork, vfork,
  exit, wait4, kill, uname, gettimeofday, getrusage, getuid, getgid, geteuid, getegid, getppid, getpgrp, getpgid, archPrctl, gettid, time,
  setTidAddress, clockGettime, clockNanosleep, exitGroup, tgkill, getrandom,
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
