/**
 * The record of a system call: number, name, argument kinds, known gaps and behaviour in one place. Dispatch, strace
 * and the table of what is supported read it. syscalls(2), syscall(2).
 */
import type { Errno } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import type { ArgKind } from './args/kind.ts';

export type ArgSpec = Readonly<Record<string, ArgKind<never>>>;
export type ArgsOf<Spec extends ArgSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends ArgKind<infer T> ? T : never;
};
export type ArgValues = Readonly<Record<string, bigint | number>>;

/** What a call looks like to its printer. */
export interface CallView {
  readonly record: Syscall;
  readonly args: ArgValues;
  /** What kinds have noted of their arguments before the call ran. */
  readonly notes?: ReadonlyMap<unknown, string> | undefined;
  /** RAX, once the call has returned. */
  readonly result: bigint | undefined;
  /** The name of the call that restart_syscall(2) goes on with. */
  readonly restarted?: string | undefined;
  /** Memory of the task without side effects; undefined when some of it is not there. */
  peek(address: bigint, length: number): Uint8Array | undefined;
  /** The same of what the call was given, where it has failed and `peek` shows nothing any more. */
  peekGiven?(address: bigint, length: number): Uint8Array | undefined;
}

/** The call's result when a signal cuts it short: computed then, if it takes more than a value. */
export type Interruption = number | Errno | (() => number | Errno);

/**
 * The task sleeps; the call is run again when one of the queues is woken, at a time (virtual nanoseconds), or when a signal
 * arrives. If it has to wait even then, `interrupted` is its result: ERESTARTSYS for calls that begin again if SA_RESTART
 * is set, EINTR for those that never do, what has been moved so far, ... Undefined: nothing but the end of the process
 * cuts the sleep short.
 */
export class Blocked {
  readonly queues: readonly WaitQueue[];
  readonly until: number | undefined;
  readonly interrupted: Interruption | undefined;
  /** What it waits for is for one task alone; a call that leaves some of it wakes the next. */
  readonly isExclusive: boolean;
  constructor(
    queues: WaitQueue | readonly WaitQueue[],
    until: number | undefined,
    interrupted: Interruption | undefined,
    isExclusive = false,
  ) {
    this.queues = queues instanceof WaitQueue ? [queues] : queues;
    this.until = until;
    this.interrupted = interrupted;
    this.isExclusive = isExclusive;
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
  readonly argsText: ((args: ArgValues, call: CallView) => string) | undefined;
  /** What of them follows once the call has returned, where it has stored something. */
  readonly argsTextAfter: ((args: ArgValues, call: CallView) => string) | undefined;
  /** How many of the arguments strace(1) prints, where that depends on them. */
  readonly argCount: ((args: ArgValues) => number) | undefined;
  /** A result that is not an error as strace(1) prints it, where it says more than the number. */
  readonly resultNote: ((args: ArgValues, result: bigint, call: CallView) => string | undefined) | undefined;
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
  argsText?: (args: ArgsOf<Spec>, call: CallView) => string;
  argsTextAfter?: (args: ArgsOf<Spec>, call: CallView) => string;
  argCount?: (args: ArgsOf<Spec>) => number;
  resultNote?: (args: ArgsOf<Spec>, result: bigint, call: CallView) => string | undefined;
  run(task: Task, args: ArgsOf<Spec>, call: PendingCall): SyscallResult;
}): Syscall {
  return {
    number: def.number,
    name: def.name,
    args: Object.entries(def.args) as unknown as Syscall['args'],
    result: def.result ?? 'decimal',
    support: def.support,
    argsText: def.argsText as Syscall['argsText'],
    argsTextAfter: def.argsTextAfter as Syscall['argsTextAfter'],
    argCount: def.argCount as Syscall['argCount'],
    resultNote: def.resultNote as Syscall['resultNote'],
    run: def.run as unknown as Syscall['run'],
  };
}

export const isSyscall = (value: unknown): value is Syscall =>
  typeof value === 'object' && value !== null && 'number' in value && 'run' in value && 'support' in value;
