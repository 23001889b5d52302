/**
 * A thread: registers, and what it shares with others or has of its own. What the threads of a process have in common is
 * in `process`. Registers are in the CPU while the task is the loaded one, and in `context` otherwise. clone(2), pthreads(7).
 */
import type { Errno } from '../../abi/errno.ts';
import type { SignalInfo } from '../../abi/signal.ts';
import { invariant } from '../../base/invariant.ts';
import type { CpuContext } from '../../cpu/state.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import type { MemoryPolicy } from '../mm/policy.ts';
import type { PendingCall } from '../syscalls/define.ts';
import type { FdTable } from '../vfs/fd-table.ts';
import type { FsContext } from '../vfs/fs-context.ts';
import { type AltStack, NO_ALT_STACK } from './alt-stack.ts';
import type { Credentials } from './credentials.ts';
import type { FutexWaiter, PiLock } from './futex.ts';
import type { Process } from './process.ts';
import { PendingSignals } from './signal-queue.ts';
import { Timer, type Timers } from './timers.ts';
import { UsageCounter } from './usage.ts';
import { WaitQueue } from './wait-queue.ts';

export { INIT_PID } from './process.ts';

/**
 * `ready`: running or waiting for the CPU. `stopped`: until SIGCONT. `zombie`: ended, its number still in use. `gone`:
 * ended, and nothing refers to it.
 */
export type TaskState = 'ready' | 'blocked' | 'stopped' | 'zombie' | 'gone';

/** What a thread begins with. */
export interface TaskOrigin {
  readonly tid: number;
  readonly process: Process;
  /** One use of it goes to the task. */
  readonly space: AddressSpace;
  readonly context: CpuContext;
  /** One use of it goes to the task. */
  readonly files: FdTable;
  readonly fs: FsContext;
  readonly credentials: Credentials;
  readonly comm: string;
  readonly blockedSignals: bigint;
}

/** A call that a signal has cut short, and the error that decides whether it begins again. */
export interface InterruptedCall {
  readonly call: PendingCall;
  readonly error: Errno;
}

/** The last exception of the processor that became a signal: sigcontext has it. */
export interface Fault {
  readonly vector: number;
  readonly errorCode: number;
  /** CR2. */
  readonly address: bigint;
}

export class Task {
  readonly kernel: Kernel;
  /** Its own number, which the first thread of a process has in common with it: gettid(2). */
  tid: number;
  readonly process: Process;
  state: TaskState = 'ready';
  context: CpuContext;
  /** File name of the program, until prctl(2) changes it: at most 15 bytes. */
  comm: string;
  /** Shared after CLONE_FILES. */
  files: FdTable;
  /** Where its paths start; shared after CLONE_FS. */
  fs: FsContext;
  credentials: Credentials;
  readonly usage: UsageCounter = new UsageCounter();
  /** What expires by its processor time. */
  cpuTimers: Timers | undefined;

  // ---- signals
  /** Signals for this thread alone. */
  readonly pending: PendingSignals = new PendingSignals();
  /** Signals that wait for it to unblock them: a sigset_t. */
  blockedSignals: bigint;
  /** What `blockedSignals` becomes again when the call at hand returns, or a handler does: sigsuspend(2), ppoll(2). */
  savedMask: bigint | undefined;
  /** There may be something to do before user mode: signals, a stop. */
  needsAttention = false;
  /** Its process stops, and it has not done so yet. */
  mustStop = false;
  /** Ignored signals that only an observer wants to know of. */
  readonly ignoredSignals: SignalInfo[] = [];
  interruptedCall: InterruptedCall | undefined;
  /** What restart_syscall(2) goes on with. */
  restart: PendingCall | undefined;
  fault: Fault = { vector: 0, errorCode: 0, address: 0n };
  /** The instruction at RIP has just raised it. */
  isFaulting = false;
  altStack: AltStack = NO_ALT_STACK;
  /** What it blocked before rt_sigtimedwait(2) let signals wake it. */
  realBlocked = 0n;

  // ---- waiting
  /** The call that this task sleeps in, to be run again. */
  call: PendingCall | undefined;
  /** The queues that it sleeps in, and the timer that ends its sleep. */
  readonly sleepingIn: WaitQueue[] = [];
  readonly sleepTimer: Timer = new Timer(() => this.kernel.scheduler.wake(this));

  /** It has given up the memory that it began with, by its end or by execve(2): vfork(2). */
  hasLeftMemory = false;
  readonly released: WaitQueue = new WaitQueue();
  /** set_tid_address(2), CLONE_CHILD_CLEARTID; 0 for nothing. */
  clearChildTid = 0n;
  /** CLONE_CHILD_SETTID: to be written when the child first runs; 0 for nothing. */
  setChildTid = 0n;
  /** set_robust_list(2); 0 for none. */
  robustList = 0n;
  /** Its place at a word in memory: futex(2). */
  futexWaiter: FutexWaiter | undefined;
  /** Locks with an owner that it holds while others wait for them. */
  readonly ownedLocks: Set<PiLock> = new Set();
  /** PR_SET_PDEATHSIG; 0 for none. */
  parentDeathSignal = 0;
  /** PR_SET_KEEPCAPS, PR_SET_NO_NEW_PRIVS. */
  keepsCapabilities = false;
  hasNoNewPrivileges = false;
  /** PR_SET_TIMERSLACK, nanoseconds. Sleeps here end on time. */
  timerSlack = 50_000n;

  // ---- scheduling: kept and told, without an effect
  /** -20 to 19: setpriority(2). */
  nice = 0;
  /** SCHED_ of sched(7). */
  schedPolicy = 0;
  rtPriority = 0;
  /** SCHED_RESET_ON_FORK: its children begin with the ordinary policy. */
  resetsOnFork = false;

  /** set_mempolicy(2); undefined for the default. */
  memoryPolicy: MemoryPolicy | undefined;

  private _space: AddressSpace | undefined;

  /** Becomes the last of its process's threads. */
  constructor(kernel: Kernel, origin: TaskOrigin) {
    this.kernel = kernel;
    this.tid = origin.tid;
    this.process = origin.process;
    this.comm = origin.comm;
    this.blockedSignals = origin.blockedSignals;
    this.files = origin.files;
    this.fs = origin.fs;
    this.credentials = origin.credentials;
    this._space = origin.space;
    this.context = origin.context;
    this.process.threads.push(this);
  }

  /** The number of its process: getpid(2). */
  get pid(): number {
    return this.process.pid;
  }

  /** The memory of a task that has not ended. */
  get mm(): AddressSpace {
    const space = this._space;
    // The text is made only when it is needed: this is asked for in every call.
    if (space === undefined) invariant(false, `task ${this.tid} has no memory left`);
    return space;
  }

  hasMemory(): boolean {
    return this._space !== undefined;
  }

  /** Gives the memory back, and lets a parent that waits for that go on. */
  releaseMemory(): void {
    this.process.noteMemory(this.mm);
    this.mm.release();
    this._space = undefined;
    this.hasLeftMemory = true;
    this.released.wakeAll();
  }

  /** Another address space in place of its own: execve(2). */
  replaceMemory(space: AddressSpace): void {
    const before = this.mm;
    this.process.noteMemory(before);
    this._space = space;
    before.release();
    this.hasLeftMemory = true;
    this.released.wakeAll();
  }

  /** What belonged to the program that it ran until now goes. */
  startProgram(): void {
    this.robustList = 0n;
    this.altStack = NO_ALT_STACK;
    this.savedMask = undefined;
    this.restart = undefined;
    this.fault = { vector: 0, errorCode: 0, address: 0n };
  }

  isAlive(): boolean {
    return this.state === 'ready' || this.state === 'blocked' || this.state === 'stopped';
  }

  /** `pid 101 demo: blocked in wait4`. */
  describe(): string {
    const where = this.call === undefined ? '' : ` in ${this.call.record.name}`;
    return `pid ${this.tid} ${this.comm}: ${this.state}${where}`;
  }
}
