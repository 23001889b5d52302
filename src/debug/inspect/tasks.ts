/**
 * Processes and their threads: who they are, what they do or wait for, how they ended. What proc_pid(5) and ps(1) tell of
 * them, as values; also of those that have ended and been waited for.
 */
import type { Ending } from '../../abi/wait.ts';
import { nameOfBytes } from '../../base/names.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import { peek } from '../../kernel/mm/user-memory.ts';
import type { Process, ProcessState } from '../../kernel/task/process.ts';
import type { Task } from '../../kernel/task/task.ts';
import { stateOf } from './registers.ts';

/** `ready`: waits for the CPU only. `gone`: ended, and nobody can ask for it any more. */
export type TaskStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly call: WaitingCall }
  | { readonly kind: 'stopped'; readonly signal: number }
  | { readonly kind: 'zombie' | 'gone'; readonly ending: Ending | undefined };

export interface WaitingCall {
  readonly name: string;
  readonly number: number;
  readonly args: Readonly<Record<string, bigint | number>>;
  /** Virtual nanoseconds at which it ends by itself; undefined: never. */
  readonly until: number | undefined;
  /** As strace(1) prints it, as far as it is known by now: `wait4(-1, `. */
  text(): string;
}

export interface TaskView {
  readonly task: Task;
  readonly tid: number;
  readonly pid: number;
  readonly comm: string;
  readonly status: TaskStatus;
  /** Its registers are in the CPU. */
  readonly isLoaded: boolean;
  /** Undefined once it has ended. */
  readonly rip: bigint | undefined;
  readonly cr3: number | undefined;
  readonly instructions: number;
}

export interface ProcessView {
  readonly process: Process;
  readonly pid: number;
  readonly parentPid: number;
  readonly pgid: number;
  readonly session: number;
  readonly comm: string;
  /** Path of the program's file. */
  readonly exe: string | undefined;
  /** As they are in its memory now; empty once it has ended. */
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly state: ProcessState;
  /** How it ended. */
  readonly ending: Ending | undefined;
  readonly threads: readonly TaskView[];
  /** Those that it has not waited for. */
  readonly children: readonly number[];
  readonly instructions: number;
  readonly minorFaults: number;
}

export function viewTask(task: Task): TaskView {
  const { tid, pid, comm, kernel, usage } = task;
  return {
    task,
    tid,
    pid,
    comm,
    status: statusOf(task),
    isLoaded: kernel.current === task,
    rip: stateOf(task)?.rip,
    cr3: task.hasMemory() ? task.mm.cr3 : undefined,
    instructions: usage.instructions,
  };
}

function statusOf(task: Task): TaskStatus {
  const { state, process, kernel, call } = task;
  if (state === 'stopped') return { kind: 'stopped', signal: process.stopSignal };
  if (state === 'zombie' || state === 'gone') return { kind: state, ending: process.ending };
  if (call !== undefined && state === 'blocked') return { kind: 'waiting', call: viewCall(task) };
  return { kind: kernel.current === task ? 'running' : 'ready' };
}

function viewCall(task: Task): WaitingCall {
  const { record, number, args, blocked } = task.call!;
  return { name: record.name, number, args, until: blocked?.until, text: () => task.kernel.report.describeCall(task) };
}

export function viewProcess(process: Process): ProcessView {
  const { leader, exe, usage } = process;
  const space = leader.hasMemory() ? leader.mm : process.liveThreads().find((task) => task.hasMemory())?.mm;
  return {
    process,
    pid: process.pid,
    parentPid: process.parentPid,
    pgid: process.pgid,
    session: process.session.id,
    comm: process.comm,
    exe: exe?.path(),
    args: space === undefined ? [] : argumentsOf(space),
    cwd: leader.isAlive() ? leader.fs.cwd.path(leader.fs.root) : undefined,
    state: process.state,
    ending: process.ending,
    threads: process.threads.map(viewTask),
    children: process.children.map(({ pid }) => pid),
    instructions: usage.instructions,
    minorFaults: usage.minorFaults,
  };
}

/** Every process there was until now, in order of birth. */
export const allProcesses = (kernel: Kernel): ProcessView[] => kernel.allProcesses.map(viewProcess);

/** The threads that are there, zombies included, by number. */
export const livingTasks = (kernel: Kernel): TaskView[] =>
  kernel
    .processes()
    .flatMap(({ threads }) => threads)
    .map(viewTask)
    .sort((a, b) => a.tid - b.tid);

function argumentsOf(space: AddressSpace): string[] {
  const place = space.arguments?.args;
  const bytes = place && peek(space, place.start, Number(place.end - place.start));
  if (bytes === undefined || bytes.length === 0) return [];
  return nameOfBytes(bytes).replace(/\0$/, '').split('\0');
}
