/**
 * One process with its one thread: credentials(7), proc(5). Registers are in the CPU while the task is the loaded one,
 * and in `context` otherwise.
 */
import type { SignalInfo } from '../../abi/signal.ts';
import type { Ending } from '../../abi/wait.ts';
import { invariant } from '../../base/invariant.ts';
import type { CpuContext } from '../../cpu/state.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import type { PendingCall } from '../syscalls/define.ts';
import { ConsoleFile } from '../vfs/console.ts';
import { FdTable } from '../vfs/fd-table.ts';
import { DEFAULT_LIMITS, type ResourceLimits } from './limits.ts';
import { Timer } from './timers.ts';
import { WaitQueue } from './wait-queue.ts';

/** `ready`: running or waiting for the CPU. `zombie`: ended, not waited for. `gone`: waited for. */
export type TaskState = 'ready' | 'blocked' | 'zombie' | 'gone';

/** The parent of the first process and of orphans. It takes note of its children's ends at once. */
export const INIT_PID = 1;

/** What getrusage(2) counts. */
export interface Usage {
  /** Retired, which is also the processor time in nanoseconds. */
  readonly instructions: number;
  readonly minorFaults: number;
}

export class Task implements Usage {
  readonly kernel: Kernel;
  readonly pid: number;
  /** Who made it, which `parentPid` may no longer name. */
  readonly creatorPid: number;
  pgid: number;
  /** File name of the program. */
  comm: string;
  /** Path of the program: /proc/self/exe. */
  exe: string;
  state: TaskState = 'ready';
  context: CpuContext;
  /** Undefined after it has ended. */
  parent: Task | undefined;
  readonly children: Task[] = [];
  ending: Ending | undefined;
  readonly files: FdTable;
  /** By RLIMIT_ number: getrlimit(2). */
  readonly limits: ResourceLimits;
  instructions = 0;
  minorFaults = 0;
  /** Of the children that it has waited for, and of theirs. */
  waitedFor: Usage = { instructions: 0, minorFaults: 0 };

  /** Signals that wait for the next return to user mode, oldest first; at most one of each. */
  readonly pending: SignalInfo[] = [];
  /** Signals that wait for it to unblock them: a sigset_t. */
  blockedSignals = 0n;
  /** The call that this task sleeps in, to be run again. */
  call: PendingCall | undefined;
  /** The queues that it sleeps in, and the timer that ends its sleep. */
  readonly sleepingIn: WaitQueue[] = [];
  readonly sleepTimer: Timer = new Timer(() => this.kernel.scheduler.wake(this));

  /** A child has ended. */
  readonly childEnded = new WaitQueue();
  /** This task has given up its parent's memory: vfork(2). */
  readonly released = new WaitQueue();
  /** set_tid_address(2), CLONE_CHILD_CLEARTID; 0 for nothing. */
  clearChildTid = 0n;
  /** set_child_tid of clone(2): to be written when the child first runs; 0 for nothing. */
  setChildTid = 0n;
  /** set_robust_list(2); 0 for none. */
  robustList = 0n;

  #space: AddressSpace | undefined;

  constructor(kernel: Kernel, pid: number, parent: Task | undefined, space: AddressSpace, context: CpuContext) {
    this.kernel = kernel;
    this.pid = pid;
    this.parent = parent;
    this.creatorPid = parent?.pid ?? INIT_PID;
    this.pgid = parent?.pgid ?? pid;
    this.comm = parent?.comm ?? '';
    this.exe = parent?.exe ?? '';
    this.blockedSignals = parent?.blockedSignals ?? 0n;
    this.files = parent?.files.copy() ?? consoleDescriptors(kernel);
    this.limits = [...(parent?.limits ?? DEFAULT_LIMITS)];
    this.#space = space;
    this.context = context;
    parent?.children.push(this);
  }

  /** The memory of a task that has not ended. */
  get mm(): AddressSpace {
    invariant(this.#space !== undefined, `task ${this.pid} has no memory left`);
    return this.#space;
  }

  hasMemory(): boolean {
    return this.#space !== undefined;
  }

  /** Gives the memory back, and lets a parent that waits for that go on. */
  releaseMemory(): void {
    this.mm.release();
    this.#space = undefined;
    this.released.wakeAll();
  }

  get parentPid(): number {
    return this.parent?.pid ?? INIT_PID;
  }

  isAlive(): boolean {
    return this.state === 'ready' || this.state === 'blocked';
  }

  /** `pid 101 demo: blocked in wait4`. */
  describe(): string {
    const where = this.call === undefined ? '' : ` in ${this.call.record.name}`;
    return `pid ${this.pid} ${this.comm}: ${this.state}${where}`;
  }
}

/** What the first process starts with. */
function consoleDescriptors({ host, outside }: Kernel): FdTable {
  const files = new FdTable();
  for (const fd of [0, 1, 2] as const) files.install(new ConsoleFile(host.console, outside.input, fd), false, 3);
  return files;
}
