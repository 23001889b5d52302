/**
 * The record of a system call: number, name, argument kinds, known gaps and behaviour in one place. Dispatch, strace
 * and the table of what is supported read it. syscalls(2), syscall(2).
 */
import type { Errno } from '../../abi/errno.ts';
import type { Vaddr } from '../../base/ints.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';

/** What each kind of argument is in TypeScript; strace.ts says how it is printed. */
export interface ArgTypes {
  /** Any address that is only a number to the call. */
  addr: Vaddr;
  /** As `addr`, but a zero prints as 0. */
  word: bigint;
  /** Bytes, or another unsigned count. */
  size: bigint;
  int: number;
  fd: number;
  pid: number;
  signal: number;
  prot: number;
  mapFlags: number;
  /** File offset, in hexadecimal. */
  offset: bigint;
  waitOptions: number;
  usageWho: number;
  cloneFlags: bigint;
  clock: number;
  timerFlags: number;
  archCode: number;
  ioctlRequest: number;
  randomFlags: number;
  /** Bytes that the call reads or fills; their number is the next argument, or the result. */
  inBytes: Vaddr;
  outBytes: Vaddr;
  outRandom: Vaddr;
  /** struct iovec[]; their number is the next argument. */
  inIovec: Vaddr;
  outIovec: Vaddr;
  inTimespec: Vaddr;
  outTimespec: Vaddr;
  /** What is left of a sleep: only filled when it was cut short. */
  outRemainder: Vaddr;
  outTimeval: Vaddr;
  outTime: Vaddr;
  outWaitStatus: Vaddr;
  outRusage: Vaddr;
  /** As `outRusage`, but a result of 0 has filled nothing. */
  outWaitRusage: Vaddr;
  outUtsname: Vaddr;
  /** A 32-bit number that is best read in hexadecimal. */
  hexInt: number;
  /** The two descriptors of a pipe. */
  outFds: Vaddr;
  openFlags: number;
  /** File offset, in decimal. */
  signedOffset: bigint;
  whence: number;
  /** A descriptor that a path starts at. */
  dirFd: number;
  atFlags: number;
  inPath: Vaddr;
  outStat: Vaddr;
  resource: number;
  inRlimit: Vaddr;
  outRlimit: Vaddr;
  outSysinfo: Vaddr;
  /** A count of 32 bits. */
  size32: number;
  /** Processors; the size of the set is the argument before it. */
  inCpuSet: Vaddr;
  outCpuSet: Vaddr;
  maskChange: number;
  inSigset: Vaddr;
  outSigset: Vaddr;
}
export type ArgKind = keyof ArgTypes;
export type ArgSpec = Readonly<Record<string, ArgKind>>;
export type ArgsOf<Spec extends ArgSpec> = { readonly [Name in keyof Spec]: ArgTypes[Spec[Name]] };
export type ArgValues = Readonly<Record<string, bigint | number>>;

/** How a register becomes the argument. */
export const DECODING: Readonly<Record<ArgKind, 'i32' | 'u32' | 'u64'>> = {
  addr: 'u64', word: 'u64', size: 'u64', int: 'i32', fd: 'i32', pid: 'i32', signal: 'i32', prot: 'u32',
  mapFlags: 'u32', offset: 'u64', waitOptions: 'u32', cloneFlags: 'u64', clock: 'i32', timerFlags: 'i32',
  archCode: 'u32', ioctlRequest: 'u32', randomFlags: 'u32', inBytes: 'u64', outBytes: 'u64', outRandom: 'u64',
  inIovec: 'u64', outIovec: 'u64', inTimespec: 'u64', outTimespec: 'u64', outRemainder: 'u64', outTimeval: 'u64',
  outTime: 'u64', outWaitStatus: 'u64', outRusage: 'u64', outWaitRusage: 'u64', outUtsname: 'u64', usageWho: 'i32',
  hexInt: 'u32', outFds: 'u64', openFlags: 'u32', signedOffset: 'u64', whence: 'u32', dirFd: 'i32', atFlags: 'u32',
  inPath: 'u64', outStat: 'u64', resource: 'u32', inRlimit: 'u64', outRlimit: 'u64', outSysinfo: 'u64',
  size32: 'u32', inCpuSet: 'u64', outCpuSet: 'u64', maskChange: 'i32', inSigset: 'u64', outSigset: 'u64',
}; // biome-ignore format: a table

/** The task sleeps; the call is run again when the queue is woken, or at a time (virtual nanoseconds). */
export class Blocked {
  readonly queue: WaitQueue | undefined;
  readonly until: number | undefined;
  /** What strace(1) shows when a signal cuts the sleep short. */
  readonly interrupted: Errno;
  constructor(queue: WaitQueue | undefined, until: number | undefined, interrupted: Errno) {
    this.queue = queue;
    this.until = until;
    this.interrupted = interrupted;
  }
}

/** The task has ended in the call. */
export const ENDED: unique symbol = Symbol('ended');

export type SyscallResult = bigint | number | Errno | Blocked | typeof ENDED;

/** What is known to be left out, or 'full'. */
export type Support = 'full' | { readonly missing: string };

/** A call as everybody but its author sees it. */
export interface Syscall {
  readonly number: number;
  readonly name: string;
  readonly args: readonly (readonly [name: string, kind: ArgKind])[];
  /** How strace(1) prints the result: decimal unless it is an address; `none` for calls that never return. */
  readonly result: 'decimal' | 'address' | 'none';
  readonly support: Support;
  /** Arguments as strace(1) prints them, where its order is not that of the registers. */
  readonly argsText: ((args: ArgValues) => string) | undefined;
  /** A result that is not an error as strace(1) prints it, where it says more than the number. */
  readonly resultNote: ((args: ArgValues, result: bigint) => string | undefined) | undefined;
  run(task: Task, args: ArgValues, call: PendingCall): SyscallResult;
}

/** A call under way. `memo` is the call's own, kept from one run to the next when it sleeps. */
export interface PendingCall {
  readonly record: Syscall;
  readonly number: number;
  readonly args: ArgValues;
  memo: unknown;
  blocked: Blocked | undefined;
}

export function syscall<const Spec extends ArgSpec>(def: {
  number: number;
  name: string;
  args: Spec;
  result?: Syscall['result'];
  support: Support;
  argsText?: (args: ArgsOf<Spec>) => string;
  resultNote?: (args: ArgsOf<Spec>, result: bigint) => string | undefined;
  run(task: Task, args: ArgsOf<Spec>, call: PendingCall): SyscallResult;
}): Syscall {
  return {
    number: def.number,
    name: def.name,
    args: Object.entries(def.args),
    result: def.result ?? 'decimal',
    support: def.support,
    argsText: def.argsText as Syscall['argsText'],
    resultNote: def.resultNote as Syscall['resultNote'],
    run: def.run as unknown as Syscall['run'],
  };
}
