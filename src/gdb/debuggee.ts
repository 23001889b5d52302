/**
 * What packets need of the program that is debugged, and nothing more: threads to look at, breakpoints, events, and going
 * on. engine-debuggee.ts is this on the debugger's engine; the packets are tested on it, too.
 */
import type { SignalInfo } from '../abi/signal.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/task/task.ts';
import type { Register } from './registers.ts';

export type PointKind = 'break' | 'hardware break' | 'write' | 'read' | 'access';

/** A breakpoint or watchpoint of one process. */
export interface Point {
  readonly kind: PointKind;
  readonly pid: number;
  readonly address: bigint;
  /** Bytes that are watched; of a breakpoint it means nothing. */
  readonly length: number;
}

/** `signal`: what the client wants to be delivered, as Linux counts. */
export type Resumption =
  | { readonly kind: 'continue'; readonly direction: 'forward' | 'backward'; readonly signal: number | undefined }
  | {
      readonly kind: 'step';
      readonly direction: 'forward' | 'backward';
      readonly task: Task;
      readonly signal: number | undefined;
      /** Steps go on as long as RIP is in it. */
      readonly range: readonly [start: bigint, end: bigint] | undefined;
    };

/** What a program is started with in place of what pml4 was told; undefined leaves that. */
export interface StartRequest {
  readonly file: string | undefined;
  readonly args: readonly string[] | undefined;
  /** Changes: a variable without a value is taken away. */
  readonly environment: ReadonlyMap<string, string | undefined>;
  readonly workingDirectory: string | undefined;
}

/** Why something is not done: for the user to read. */
export type Refusal = string | undefined;

export interface Debuggee {
  /** Undefined: no program is there. */
  readonly kernel: Kernel | undefined;

  /** Threads that have not ended, of the processes that the client is attached to. */
  threads(): readonly Task[];
  attachedPids(): readonly number[];
  /** The client has attached to it, and not started it. */
  wasAttached(pid: number): boolean;
  /** The thread that the last stop was about, or undefined when it has ended. */
  stoppedThread(): Task | undefined;
  siginfo(task: Task): SignalInfo;

  changeRegisters(task: Task, values: readonly (readonly [Register, bigint])[]): Refusal;
  changeMemory(task: Task, address: bigint, bytes: Uint8Array): Refusal;

  /** The same point twice is one. */
  insert(point: Point): void;
  remove(point: Point): void;
  /** Signals that do not stop it. */
  passSignals(signals: readonly number[]): void;
  /** System calls of a process that stop it, going in and coming out; undefined: none. */
  catchSyscalls(pid: number, numbers: ReadonlySet<number> | 'all' | undefined): void;
  /** What the client understands: events that it does not know are not told. */
  offer(features: ReadonlySet<string>): void;

  /** The body of the answer to `?`: why it stands still, or W or X when nothing is there. */
  stopReply(): string;
  /** Runs until something is to be told: the body of a stop reply. `output` gets what the program prints meanwhile. */
  resume(how: Resumption): Promise<string>;
  /** Ends `resume` soon. */
  interrupt(): void;

  /** A new client: when nothing is there any more, the program starts anew. */
  prepare(): Promise<void>;
  start(request: StartRequest): Promise<string>;
  attach(pid: number): Promise<string>;
  /** False: it was not attached. The process goes on unwatched. */
  detach(pid: number): boolean;
  kill(pid: number): Refusal;
  killAll(): void;

  /** Looks at something that takes note of being looked at, such as a tree of files, without changing the machine. */
  undisturbed<T>(look: () => T): T;
  /** A command of the user's `monitor`, about a thread: the text of its answer. */
  monitor(line: string, task: Task | undefined): Promise<string>;
}
