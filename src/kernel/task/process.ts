/**
 * A process: what its threads have in common (struct signal_struct). Its number is that of its first thread, which stays
 * as a zombie, if it ends before the others, until all have ended. credentials(7), pthreads(7), proc(5).
 */
import { SIGCHLD } from '../../abi/signal.ts';
import type { Ending } from '../../abi/wait.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import type { Dentry } from '../vfs/dentry.ts';
import type { IntervalTimer } from './interval-timers.ts';
import { DEFAULT_LIMITS, type ResourceLimits } from './limits.ts';
import type { PosixTimers } from './posix-timers.ts';
import type { ControllingTerminal, Session } from './session.ts';
import type { SignalActions } from './signal-actions.ts';
import { PendingSignals } from './signal-queue.ts';
import type { Task } from './task.ts';
import type { Timer, Timers } from './timers.ts';
import { NO_USAGE, type Usage, UsageCounter } from './usage.ts';
import { WaitQueue } from './wait-queue.ts';

/** The parent of the first process and of orphans. It takes note of its children's ends at once. */
export const INIT_PID = 1;

/** `zombie`: all threads have ended, nobody has waited for it. `gone`: somebody has. */
export type ProcessState = 'alive' | 'zombie' | 'gone';

/** What a process begins with. */
export interface ProcessOrigin {
  readonly pid: number;
  /** The thread that is its parent; undefined for init. */
  readonly parent: Task | undefined;
  /** Who made it, whoever its parent is. */
  readonly creatorPid: number;
  readonly session: Session;
  readonly pgid: number;
  readonly actions: SignalActions;
  /** What the parent gets when it ends; 0 for nothing. */
  readonly exitSignal: number;
  /** Whose limits and exe it takes over. */
  readonly template: Process | undefined;
}

export class Process {
  readonly kernel: Kernel;
  readonly pid: number;
  /** In order of birth; the first is the one whose number is the process's, ended or not, until the process is a zombie. */
  readonly threads: Task[] = [];
  state: ProcessState = 'alive';
  /** How it ended, or is about to end: of several threads that end it, the first decides. */
  ending: Ending | undefined;
  /** Undefined for init, also after its parent has ended. */
  parent: Process | undefined;
  /** Which of the parent's threads made it: __WNOTHREAD of wait4(2), PR_SET_PDEATHSIG. */
  parentThread: Task | undefined;
  readonly creatorPid: number;
  readonly children: Process[] = [];
  exitSignal: number;
  pgid: number;
  session: Session;
  /** The session's terminal, once the process has given it up: TIOCNOTTY. */
  leftTerminal: ControllingTerminal | undefined;
  /** Has run another program since it was made: setpgid(2). */
  hasExecuted = false;
  /** The program's file: /proc/self/exe. */
  exe: Dentry | undefined;
  /** Shared after CLONE_SIGHAND; replaced by execve(2). */
  actions: SignalActions;
  /** Signals for whichever thread takes them. */
  readonly pending: PendingSignals = new PendingSignals();
  /** By RLIMIT_ number: getrlimit(2). */
  readonly limits: ResourceLimits;
  /** The signal that stops it, or has stopped it; 0 while it runs. */
  stopSignal = 0;
  /** All of its threads have stopped. */
  isStopped = false;
  /** What its parent has not waited for yet: WUNTRACED, WCONTINUED. */
  unreportedChange: 'stopped' | 'continued' | undefined;
  /** PR_SET_CHILD_SUBREAPER: orphans among its descendants become its children. */
  isSubreaper = false;
  /** PR_SET_DUMPABLE. */
  dumpable = 1;
  /** PR_SET_THP_DISABLE. */
  refusesHugePages = false;
  /** personality(2): bits of it. */
  personality = 0;
  /** /proc/PID/oom_score_adj. */
  oomScoreAdjustment = 0;

  /** By ITIMER_ number: setitimer(2). */
  readonly intervalTimers: (IntervalTimer | undefined)[] = [];
  posixTimers: PosixTimers | undefined;
  /** What expires by its processor time. */
  cpuTimers: Timers | undefined;
  /** Expires at RLIMIT_CPU. */
  cpuLimit: Timer | undefined;

  /** What read(2), write(2) and their kin have moved: /proc/PID/io. */
  readonly io = { charsRead: 0, charsWritten: 0, reads: 0, writes: 0 };
  /** Of all its threads, also those that have ended. */
  readonly usage: UsageCounter = new UsageCounter();
  /** Of the children that it has waited for, and of theirs. */
  waitedFor: Usage = NO_USAGE;
  /** Virtual nanoseconds. */
  readonly startedAt: number;

  /** A signal waits, for it or one of its threads: signalfd(2). */
  readonly signalArrived: WaitQueue = new WaitQueue();
  /** It has ended, or has been waited for: pidfd_open(2). */
  readonly ended: WaitQueue = new WaitQueue();
  /** A child has ended, stopped or gone on. */
  readonly childChanged: WaitQueue = new WaitQueue();

  constructor(kernel: Kernel, origin: ProcessOrigin) {
    const { template } = origin;
    this.kernel = kernel;
    this.pid = origin.pid;
    this.parentThread = origin.parent;
    this.parent = origin.parent?.process;
    this.creatorPid = origin.creatorPid;
    this.session = origin.session;
    this.pgid = origin.pgid;
    this.actions = origin.actions;
    this.exitSignal = origin.exitSignal;
    this.exe = template?.exe;
    this.leftTerminal = origin.parent?.process.leftTerminal;
    this.limits = [...(template?.limits ?? DEFAULT_LIMITS)];
    this.startedAt = kernel.now();
    this.parent?.children.push(this);
  }

  /** The first thread. */
  get leader(): Task {
    return this.threads[0];
  }

  get parentPid(): number {
    return this.parent?.pid ?? INIT_PID;
  }

  /** File name of the program, or the name that its first thread has given itself. */
  get comm(): string {
    return this.leader.comm;
  }

  /** Threads that have not ended. */
  liveThreads(): Task[] {
    return this.threads.filter((task) => task.isAlive());
  }

  /** It runs another program: handlers of signals are gone. */
  startProgram(exe: Dentry): void {
    this.exe = exe;
    this.hasExecuted = true;
    this.actions = this.actions.afterExec();
    this.dumpable = 1;
    this.exitSignal = SIGCHLD;
    this.posixTimers?.deleteAll();
    this.posixTimers = undefined;
  }

  /** Takes note of the most that was resident, in the memory that it has or is about to give up. */
  noteMemory({ peakResidentPages }: AddressSpace): void {
    this.usage.maxResidentPages = Math.max(this.usage.maxResidentPages, peakResidentPages);
  }

  isAlive(): boolean {
    return this.state === 'alive';
  }
}

/** Its controlling terminal, that of its session. */
export function terminalOf({ session, leftTerminal }: Process): ControllingTerminal | undefined {
  return session.terminal === leftTerminal ? undefined : session.terminal;
}
