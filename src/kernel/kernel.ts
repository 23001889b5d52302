/**
 * The kernel: runs tasks on the CPU and answers what it comes back with. System calls are dispatched here (syscall(2)),
 * faults become pages or signals, and the observer hears of both. Nothing here awaits: a task that has to wait leaves
 * the CPU, and its call is run again when it wakes.
 */
import { EINTR, ENOMEM, ENOSYS, Errno } from '../abi/errno.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { SIGCHLD } from '../abi/signal.ts';
import { NS_PER_SECOND } from '../abi/structs.ts';
import { findSyscallName } from '../abi/syscall-names.ts';
import type { Timestamp } from '../abi/time.ts';
import type { Paddr, Pfn } from '../base/ints.ts';
import { invariant, unreachable } from '../base/invariant.ts';
import { bytesOfName } from '../base/names.ts';
import type { ExceptionVector } from '../cpu/builder.ts';
import type { Exit } from '../cpu/exit.ts';
import type { Cpu } from '../cpu/run.ts';
import { type CpuContext, RAX, RDI, RDX, RSI, RSP, STATE } from '../cpu/state.ts';
import type { ElfImage } from '../elf/image.ts';
import type { Host } from '../host/host.ts';
import type { Frames } from '../mem/frames.ts';
import { type Access, PF_FETCH, PF_WRITE } from '../mem/mmu.ts';
import { EPOCH } from './epoch.ts';
import { MessageQueues } from './ipc/msg.ts';
import { Semaphores } from './ipc/sem.ts';
import { SharedMemory } from './ipc/shm.ts';
import { AddressSpace } from './mm/address-space.ts';
import type { MmHost } from './mm/host.ts';
import { peek, writeU32 } from './mm/user-memory.ts';
import { Network } from './net/network.ts';
import type { KernelObserver } from './observer.ts';
import { Held, Outside } from './outside.ts';
import { Random } from './random.ts';
import { Reporter } from './reporter.ts';
import { Blocked, ENDED, type PendingCall, type Syscall, type SyscallResult } from './syscalls/define.ts';
import { findSyscall } from './syscalls/table.ts';
import { DEFAULT_CREDENTIALS } from './task/credentials.ts';
import { execute } from './task/execute.ts';
import { abandonCall } from './task/exit.ts';
import { Futexes } from './task/futex.ts';
import { DEFAULT_LIMITS } from './task/limits.ts';
import { relieveShortage } from './task/oom.ts';
import { INIT_PID, Process } from './task/process.ts';
import { rememberImage } from './task/program.ts';
import { type SchedulePolicy, scheduleOf } from './task/schedule.ts';
import { Scheduler } from './task/scheduler.ts';
import { Session } from './task/session.ts';
import { attend, forceSignal, hasFatalSignal, hasSignal, restoreMask, signalOfException } from './task/signal.ts'; // biome-ignore format: one line
import { SignalActions } from './task/signal-actions.ts';
import { Task } from './task/task.ts';
import { hostTerminal } from './tty/host-terminal.ts';
import { Terminals } from './tty/pty.ts';
import type { Tty } from './tty/tty.ts';
import { TtyFile } from './tty/tty-file.ts';
import { ConsoleFile } from './vfs/console.ts';
import type { Dentry } from './vfs/dentry.ts';
import { FdTable } from './vfs/fd-table.ts';
import { type HostTree, mountFirstTree, mountProc, placeProgram } from './vfs/first-tree.ts';
import type { Disk } from './vfs/fs/diskfs.ts';
import { RamFs } from './vfs/fs/ramfs.ts';
import { FsContext } from './vfs/fs-context.ts';
import { findFile } from './vfs/path.ts';
import { Vfs } from './vfs/vfs.ts';

/** What the kernel needs of the CPU: a test can put something simpler in its place. */
export type KernelCpu = Pick<Cpu, 'state' | 'retired' | 'run' | 'switchTo'> &
  Partial<Pick<Cpu, 'level'>> &
  MmHost['cpu'];

export interface KernelOptions {
  readonly frames: Frames;
  readonly cpu: KernelCpu;
  readonly host: Host;
  /** Instructions that a task may run before the next one's turn. */
  readonly quantum?: number;
  /** What getrandom(2) and AT_RANDOM follow from, and the interleaving of tasks; 0 is round-robin. */
  readonly seed?: number;
  /** Makes the scheduler's choices in place of what follows from the seed. */
  readonly schedule?: SchedulePolicy | undefined;
  readonly observer?: KernelObserver | undefined;
  /** Where time comes from: instructions, or the host. */
  readonly clock?: 'virtual' | 'host' | undefined;
  /** Directories of the host. */
  readonly hostTree?: HostTree | undefined;
  /** The files of `/` are on a disk, which holds these already. Without: in memory. */
  readonly disk?: Disk | undefined;
}

export const DEFAULT_QUANTUM = 1_000_000;
/** 0:1. */
const SHARED_MEMORY_DEVICE = 1;
const NS_PER_MS = 1e6;
const FIRST_PID = 100;
/** kernel.pid_max of 64-bit machines. */
const MAX_PID = 4_194_304;

/** Timers that may expire without waking anybody before `run` comes back. */
const IDLE_TURNS = 10_000;

/**
 * Why `run` came back: the budget is spent; somebody has called `pause`; no process is left; all that are left wait for each other, for ever; nothing
 * can go on before something has come from outside, or `idleNs` have passed there.
 */
export type KernelStop = 'budget' | 'paused' | 'finished' | 'deadlock' | 'outside';

export interface ProgramRequest {
  readonly image: ElfImage | undefined;
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Where the process starts; `/` if nothing is said. */
  readonly cwd?: Dentry | undefined;
}

/** Numbers of exceptions: Intel SDM Vol. 3A, "Exceptions and Interrupts". */
const VECTOR_NUMBERS: Record<ExceptionVector, number> = {
  DE: 0, DB: 1, BP: 3, OF: 4, BR: 5, UD: 6, SS: 12, GP: 13, MF: 16, AC: 17, XM: 19,
}; // biome-ignore format: a table
const PAGE_FAULT_VECTOR = 14;
/** These are told after their instruction: RF is not set in what they save. */
const TRAPS: readonly ExceptionVector[] = ['DB', 'BP', 'OF'];

/** Where a call's arguments are: syscall(2). */
const ARG_REGISTERS = [RDI, RSI, RDX, 10, 8, 9];

export class Kernel implements MmHost {
  readonly frames: Frames;
  readonly cpu: KernelCpu;
  readonly host: Host;
  readonly scheduler: Scheduler;
  readonly futexes: Futexes = new Futexes();
  readonly zeroFrame: Pfn;
  readonly vfs: Vfs;
  /** Where memory lives that is a file without a name: memfd_create(2), shmget(2). Linux mounts it for itself. */
  readonly sharedMemory: RamFs;
  readonly network: Network = new Network();
  /** System V shared memory. */
  readonly shm: SharedMemory = new SharedMemory();
  readonly sem: Semaphores = new Semaphores();
  readonly msg: MessageQueues = new MessageQueues();
  readonly report: Reporter;
  readonly outside: Outside;
  readonly terminals: Terminals = new Terminals();
  readonly onFault: MmHost['onFault'];
  onUserAccess: MmHost['onUserAccess'];
  /** Every process there was, in order of birth, ended or not. */
  readonly allProcesses: Process[] = [];

  private readonly _processes = new Map<number, Process>();
  private readonly _tasks = new Map<number, Task>();
  private readonly _random: Random;
  private _terminal: Tty | undefined;
  private readonly _unknownNamed = new Set<number>();
  private _lastPid = FIRST_PID - 1;
  /** The console has the first three. */
  private _lastInode = 3;
  /** Has the CPU's turn; undefined between two turns. */
  private _current: Task | undefined;
  /** Whose registers the CPU holds. */
  private _loaded: Task | undefined;
  private _sliceEnd = 0;
  /** Virtual time that passed while everybody slept. */
  private _idleNs = 0;
  /** With the host's clock: when its time was 0, in its milliseconds. */
  private readonly _hostStart: number | undefined;
  /** Seconds since 1970 when the kernel's time is 0. */
  readonly epoch: number;

  constructor(options: KernelOptions) {
    const {
      frames,
      cpu,
      host,
      quantum = DEFAULT_QUANTUM,
      seed = 0,
      schedule,
      observer,
      hostTree,
      clock = 'virtual',
      disk,
    } = options;
    const zeroFrame = frames.allocate();
    invariant(zeroFrame !== undefined, 'no memory for the zero frame');
    this.frames = frames;
    this.cpu = cpu;
    this.host = host;
    this.outside = new Outside(host);
    this.zeroFrame = zeroFrame;
    this.scheduler = new Scheduler(schedule ?? scheduleOf(seed, quantum));
    this._random = new Random(seed);
    // A whole second is where the time begins, so that its parts are those of the host.
    const wall = clock === 'host' ? host.wallClock() : EPOCH * 1000;
    this.epoch = Math.floor(wall / 1000);
    if (clock === 'host') this._hostStart = host.now() - (wall % 1000);
    this.vfs = new Vfs(frames, () => this.realTime());
    mountFirstTree(this.vfs, this.terminals, hostTree, disk, (name, error) =>
      host.diagnose(`${name}: what was written could not be stored: ${error.text}`),
    );
    this.sharedMemory = new RamFs(this.vfs, SHARED_MEMORY_DEVICE, { mode: 0o1777, uid: 0, gid: 0 });
    mountProc(this);
    this.report = new Reporter(this, observer);
    if (this.report.watchesPages) this.onFault = (...event) => this.report.fault(...event);
  }

  // ---- processes ------------------------------------------------------------------------------------------------

  /**
   * Makes a process without a parent that will run a program: `image` as a file of that path, or the file that is there.
   * Held: to be asked again, without the image, when something has come from outside.
   */
  start(request: ProgramRequest): Task | Errno | Held {
    const { image, path, args, env, cwd = this.vfs.root } = request;
    if (image !== undefined) {
      const { inode } = placeProgram(this.vfs.root, cwd, path, image.bytes);
      rememberImage(inode, image);
    }
    const space = AddressSpace.create(this);
    if (space === undefined) return ENOMEM;
    const task = this.firstTask(space, new Uint8Array(STATE.end - STATE.regs), '');
    task.fs.cwd = cwd;
    const dentry = findFile(task, path, { follow: true });
    const what = { path, args: args.map(bytesOfName), env: env.map(bytesOfName) };
    const result = dentry instanceof Errno ? dentry : execute(task, { dentry, ...what }, true);
    if (result === 0) return task;
    this._abandon(task);
    return result;
  }

  /** A first process that has not come to its program leaves no trace. */
  private _abandon(task: Task): void {
    this.scheduler.remove(task);
    task.releaseMemory();
    task.files.release();
    this._tasks.delete(task.tid);
    this._processes.delete(task.pid);
    this.allProcesses.splice(this.allProcesses.indexOf(task.process), 1);
    this._lastPid = task.pid - 1;
  }

  /** Another program's registers and memory in the place of a task's own. */
  enterProgram(task: Task, space: AddressSpace, context: CpuContext): void {
    task.replaceMemory(space);
    if (this._loaded === task) {
      this.cpu.state.restore(context);
      this.cpu.switchTo(space.cr3);
    } else task.context = context;
  }

  /** A process whose parent is init, leader of a group and a session of its own, with the console's descriptors. */
  firstTask(space: AddressSpace, context: CpuContext, comm: string): Task {
    const pid = this.nextPid();
    const process = new Process(this, {
      pid,
      parent: undefined,
      creatorPid: INIT_PID,
      session: new Session(pid),
      pgid: pid,
      actions: new SignalActions(),
      exitSignal: SIGCHLD,
      template: undefined,
    });
    const files = new FdTable();
    const terminal = this._openTerminal(process);
    for (const fd of [0, 1, 2] as const)
      files.install(terminal?.retain() ?? new ConsoleFile(this.host.console, this.outside.input, fd), false, 3);
    terminal?.close();
    const fs = new FsContext(this.vfs.root);
    const credentials = DEFAULT_CREDENTIALS;
    const task = new Task(this, {
      tid: pid,
      process,
      space,
      context,
      files,
      fs,
      credentials,
      comm,
      blockedSignals: 0n,
    });
    this.adopt(task);
    return task;
  }

  /** The host's terminal becomes that of the first session. */
  private _openTerminal(process: Process): TtyFile | undefined {
    const { terminal } = this.host;
    if (terminal === undefined) return undefined;
    this._terminal ??= hostTerminal(this, terminal);
    this._terminal.control(process);
    return new TtyFile(this._terminal, O_RDWR, this.terminals.dentry(this._terminal));
  }

  /** The number of the next process or thread: one that nobody has, nor any group or session. */
  nextPid(): number {
    do this._lastPid = this._lastPid + 1 < MAX_PID ? this._lastPid + 1 : FIRST_PID;
    while (this._tasks.has(this._lastPid) || this._hasWrapped());
    return this._lastPid;
  }

  /** Whether the number is still in use as that of a group or session, which only matters once all have been used. */
  private _hasWrapped(): boolean {
    const pid = this._lastPid;
    if (!this._pidsWrapped && pid + 1 < MAX_PID) return false;
    this._pidsWrapped = true;
    return this.processes().some((process) => process.pgid === pid || process.session.id === pid);
  }
  private _pidsWrapped = false;

  /** For a file that is in no file system: a pipe. */
  nextInode(): number {
    return ++this._lastInode;
  }

  /** Takes in a new thread, ready to run, and its process if it is the first. */
  adopt(task: Task): void {
    const { process } = task;
    this._tasks.set(task.tid, task);
    if (task.tid === process.pid) {
      this._processes.set(process.pid, process);
      this.allProcesses.push(process);
    }
    this.scheduler.admit(task);
  }

  /** Its parent has waited for it. */
  forget(process: Process): void {
    this._processes.delete(process.pid);
  }

  /** The last thread of a process takes over its number: execve(2). */
  makeLeader(task: Task): void {
    const { process } = task;
    const before = process.leader;
    this._tasks.delete(task.tid);
    before.state = 'gone';
    task.tid = process.pid;
    process.threads.splice(0, process.threads.length, task);
    this._tasks.set(task.tid, task);
  }

  /** Nothing refers to a thread any more. */
  forgetTask(task: Task): void {
    this._tasks.delete(task.tid);
  }

  /** Where page tables begin that are there: their CR3. */
  pageTables(): Set<Paddr> {
    return new Set([...this._tasks.values()].filter((task) => task.hasMemory()).map((task) => task.mm.cr3));
  }

  /** Processes that are there, zombies included. */
  processes(): Process[] {
    return [...this._processes.values()];
  }

  /** Threads that are there, zombies included. */
  taskCount(): number {
    return this._tasks.size;
  }

  /** A process that is there, by its own number; a zombie is. */
  findProcess(pid: number): Process | undefined {
    return this._processes.get(pid);
  }

  /** A thread that is there; the first of a process also when it has ended before the others. */
  findTask(tid: number): Task | undefined {
    return this._tasks.get(tid);
  }

  /** The process that runs, or has just ended. */
  actingPid = 0;

  /** The task whose registers are in the CPU. */
  get current(): Task | undefined {
    return this._loaded;
  }

  limit(resource: number): bigint {
    return (this._loaded?.process.limits ?? DEFAULT_LIMITS)[resource].soft;
  }

  /** The next bytes of the machine's own randomness. */
  random(count: number): Uint8Array {
    return this._random.bytes(count);
  }

  /** Virtual nanoseconds since the start: one for each instruction, and what was slept through. */
  now(): number {
    if (this._hostStart === undefined) return this.cpu.retired + this._idleNs;
    return Math.floor((this.host.now() - this._hostStart) * NS_PER_MS);
  }

  /** What CLOCK_REALTIME shows. */
  realTime(): Timestamp {
    const now = this.now();
    return { seconds: this.epoch + Math.floor(now / NS_PER_SECOND), nanoseconds: now % NS_PER_SECOND };
  }

  /** Gives back what the kernel itself holds. All processes must have ended. */
  shutDown(): void {
    this.shm.shutDown();
    this.vfs.shutDown();
    this.frames.release(this.zeroFrame);
  }

  /** Ends every process that is left, without telling anybody: the run is over. */
  endAll(): void {
    for (const task of this._tasks.values()) {
      if (!task.hasMemory()) continue;
      this.scheduler.remove(task);
      this.unload(task);
      task.state = 'gone';
      task.releaseMemory();
      task.files.release();
    }
    this._tasks.clear();
    this._processes.clear();
  }

  // ---- running --------------------------------------------------------------------------------------------------

  /** Runs tasks for at most `budget` instructions, exact; less when nothing is left to run. */
  run(budget: number): KernelStop {
    const { cpu } = this;
    const end = cpu.retired + budget;
    while (cpu.retired < end) {
      const task = this._current ?? this._nextTask();
      if (typeof task === 'string') return task;
      if (this.outside.isHeld) return 'outside';
      this._load(task);
      if (this._isPaused) break;
      if (this._isEntering) this._enter(task);
      else {
        const isReady = this._resume(task);
        if (this._isPaused && (isReady || this._current === task)) break;
        if (isReady) this._execute(task, end);
        if (this._isEntering) break;
      }
      if (this.outside.isHeld) return 'outside';
      this._runTimers();
      const isPreempted = this.scheduler.takePreemption();
      if (this._current !== undefined && (isPreempted || cpu.retired >= this._nextSwitch())) {
        this._current.usage.involuntarySwitches++;
        this._current.process.usage.involuntarySwitches++;
        this.yieldSlice();
      }
      if (this._isPaused) break;
    }
    const isPaused = this._isPaused;
    this._isPaused = false;
    if (this._processes.size === 0) return 'finished';
    return isPaused ? 'paused' : 'budget';
  }

  /** In user mode, up to what it leaves it for. */
  private _execute(task: Task, end: number): void {
    const { cpu } = this;
    const before = cpu.retired;
    const exit = cpu.run(Math.min(this._nextSwitch(), this._nextTimer(task), end) - before);
    const used = cpu.retired - before;
    task.usage.instructions += used;
    task.process.usage.instructions += used;
    task.cpuTimers?.run(task.usage.instructions);
    task.process.cpuTimers?.run(task.process.usage.instructions);
    this._handle(task, exit);
  }

  /**
   * `run` comes back, with 'paused', when what is at hand has been done: before the next instruction, or signal. In
   * `onSyscallEnter`: before the call is run.
   */
  pause(): void {
    this._isPaused = true;
  }
  get isPaused(): boolean {
    return this._isPaused;
  }
  private _isPaused = false;
  /** The task at hand has entered its call, which is to be run: between the two, somebody has paused. */
  private _isEntering = false;

  private _enter(task: Task): void {
    const { call } = task;
    this._isEntering = false;
    task.call = undefined;
    // Who has paused may have set other arguments.
    Object.assign(call!.args, this._argsOf(call!.record));
    this._runCall(task, call!);
  }

  /**
   * When another task may run. Alone, a task gets one slice after the other, which need not be told apart: ending one
   * to the instruction costs time. Who becomes ready meanwhile waits for the end of the slice at hand.
   */
  private _nextSwitch(): number {
    const { retired } = this.cpu;
    if (!this.scheduler.hasReady()) return Number.POSITIVE_INFINITY;
    if (this._sliceEnd < retired) this._sliceEnd += this._slicesUpTo(retired - this._sliceEnd);
    return this._sliceEnd;
  }

  /** The instruction before which a timer expires, at the least one from here. */
  private _nextTimer({ cpuTimers, usage, process }: Task): number {
    const { retired } = this.cpu;
    const next = this.scheduler.timers.next;
    let at = next === undefined ? Number.POSITIVE_INFINITY : next - this.now() + retired;
    const ofThread = cpuTimers?.next;
    if (ofThread !== undefined) at = Math.min(at, retired + ofThread - usage.instructions);
    const ofProcess = process.cpuTimers?.next;
    if (ofProcess !== undefined) at = Math.min(at, retired + ofProcess - process.usage.instructions);
    return Math.max(Math.ceil(at), retired + 1);
  }

  private _runTimers(): void {
    const { timers } = this.scheduler;
    if (!timers.isEmpty && timers.next! <= this.now()) timers.run(this.now());
  }

  /** Slices of one length that cover so many instructions. */
  private _slicesUpTo(instructions: number): number {
    const slice = this.scheduler.policy.slice();
    return Math.ceil(instructions / slice) * slice;
  }

  /** The running task goes to the end of the line. */
  yieldSlice(): void {
    const task = this._current;
    if (task === undefined) return;
    this.scheduler.enqueue(task);
    this._current = undefined;
  }

  private _nextTask(): Task | KernelStop {
    const { timers } = this.scheduler;
    timers.run(this.now());
    let task = this.scheduler.next();
    for (let turns = 0; task === undefined; turns++) {
      const { next } = timers;
      if (this._processes.size === 0) return 'finished';
      if (this.outside.isPending()) return 'outside';
      if (next === undefined) return 'deadlock';
      if (this._hostStart !== undefined) return 'outside';
      // Timers that wake nobody, for ever.
      if (turns === IDLE_TURNS) return 'budget';
      this._idleNs += Math.max(0, next - this.now());
      timers.run(this.now());
      task = this.scheduler.next();
    }
    this._current = task;
    this._sliceEnd = this.cpu.retired + this.scheduler.policy.slice();
    return task;
  }

  /** After 'outside': how long it may take until a task wakes up by itself. Infinity: none does. */
  untilWakeUp(): number {
    const { next } = this.scheduler.timers;
    return next === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next - this.now());
  }

  /** Everybody has slept for so many nanoseconds. */
  passIdle(ns: number): void {
    this._idleNs += ns;
  }

  /**
   * For a call that needs an answer of the host: it returns what this gives, nothing else runs, and the call is run again
   * once the promise is settled. What it settles to the call keeps for itself, in its `memo`.
   */
  awaitOutside(promise: Promise<unknown>): Blocked {
    return this.outside.hold(promise);
  }

  /** Puts the task's registers and page table into the CPU. */
  private _load(task: Task): void {
    const from = this._loaded;
    if (from === task) return;
    if (from !== undefined) this.cpu.state.saveTo(from.context);
    this.cpu.state.restore(task.context);
    this.cpu.switchTo(task.mm.cr3);
    this._loaded = task;
    this.actingPid = task.pid;
    this.report.switched(from, task);
    if (task.setChildTid !== 0n) {
      writeU32(task.mm, task.setChildTid, task.tid);
      task.setChildTid = 0n;
    }
  }

  /** A task that ends leaves the CPU; its registers are not kept. */
  unload(task: Task): void {
    if (this._loaded === task) this._loaded = undefined;
    if (this._current === task) this._current = undefined;
  }

  /** The running task stops; its registers are kept. */
  suspend(task: Task): void {
    this.scheduler.park(task);
    if (this._current === task) this._current = undefined;
  }

  /** What comes before user mode: the call that the task slept in, then its signals. False when it does not get there. */
  private _resume(task: Task): boolean {
    const { call } = task;
    if (call !== undefined) {
      task.call = undefined;
      // A process that is killed does no more of its call.
      if (!hasFatalSignal(task)) this._runCall(task, call);
      else abandonCall(call);
      if (this._current !== task || this.outside.isHeld) return false;
    }
    return !task.needsAttention || attend(task);
  }

  private _handle(task: Task, exit: Exit): void {
    switch (exit.kind) {
      case 'budget':
        return;
      case 'syscall':
        this._dispatch(task);
        return;
      case 'pageFault':
        this._pageFault(task, exit.address, exit.errorCode);
        return;
      case 'exception':
        this._exception(task, exit.vector, exit.errorCode);
        return;
      case 'stop':
      case 'watched':
        this.pause();
        return;
      case 'yield':
        this.yieldSlice();
        return;
      case 'refused':
        invariant(false, 'nobody watches single steps');
        break;
      default:
        unreachable(exit);
    }
  }

  private _pageFault(task: Task, address: bigint, errorCode: number): void {
    const access: Access = errorCode & PF_WRITE ? 'write' : errorCode & PF_FETCH ? 'execute' : 'read';
    task.usage.minorFaults++;
    task.process.usage.minorFaults++;
    const result = task.mm.fault(address, access);
    if (typeof result !== 'string') {
      task.fault = { vector: PAGE_FAULT_VECTOR, errorCode, address };
      task.isFaulting = true;
      forceSignal(task, { ...result, address });
    }
  }

  private _exception(task: Task, vector: ExceptionVector, errorCode: number): void {
    task.fault = { ...task.fault, vector: VECTOR_NUMBERS[vector], errorCode };
    const info = signalOfException(task, vector);
    if (info === undefined) return;
    task.isFaulting = !TRAPS.includes(vector);
    forceSignal(task, info);
  }

  /** MmHost: somebody dies for his memory. */
  relieve(asker: AddressSpace): boolean {
    return relieveShortage(this, asker);
  }

  // ---- system calls ---------------------------------------------------------------------------------------------

  private _dispatch(task: Task): void {
    const { state } = this.cpu;
    const number = state.u32(STATE.regs);
    const record = findSyscall(number);
    if (record === undefined) {
      this._unknownCall(task, number);
      return;
    }
    const args = this._argsOf(record);
    const call: PendingCall = { record, number, args, memo: undefined, blocked: undefined };
    if (this.report.watchesCalls) this.report.callEnter(task, call);
    if (this._isPaused) {
      task.call = call;
      this._isEntering = true;
    } else this._runCall(task, call);
  }

  /** The arguments in the registers. */
  private _argsOf(record: Syscall): Record<string, bigint | number> {
    const { state } = this.cpu;
    const args: Record<string, bigint | number> = {};
    for (let i = 0; i < record.args.length; i++) {
      const [name, kind] = record.args[i];
      const register = ARG_REGISTERS[i];
      const { decode } = kind;
      if (decode === 'u64') args[name] = state.reg(register);
      else if (decode === 'stack') args[name] = state.reg(RSP);
      else {
        const value = state.u32(STATE.regs + register * 8);
        args[name] = decode === 'i32' ? value | 0 : value;
      }
    }
    return args;
  }

  /** Runs a call, perhaps not for the first time. */
  private _runCall(task: Task, call: PendingCall): void {
    let result: SyscallResult = call.record.run(task, call.args, call);
    if (result instanceof Held) {
      call.blocked = undefined;
      task.call = call;
      return;
    }
    const isCut = result instanceof Blocked && this._isCut(task, result);
    if (isCut) result = this._interrupt(task, call, result as Blocked);
    if (result instanceof Blocked) {
      task.usage.voluntarySwitches++;
      task.process.usage.voluntarySwitches++;
      if (call.blocked === undefined && this.report.watchesCalls) this.report.callBlocked(task);
      call.blocked = result;
      task.call = call;
      this._current = undefined;
      this.scheduler.sleep(task, result);
      return;
    }
    if (result === ENDED) return;
    const error = result instanceof Errno ? result : undefined;
    const value = result instanceof Errno ? -result.number : result;
    if (typeof value === 'bigint') this.cpu.state.setReg(RAX, value);
    else this.cpu.state.setRegNumber(RAX, value);
    if (!isCut && task.savedMask !== undefined) restoreMask(task);
    if (this.report.watchesCalls) this.report.callExit(task, call, BigInt(value), error);
  }

  /** Whether a task that would sleep may not. */
  private _isCut(task: Task, { interrupted }: Blocked): boolean {
    if (!task.needsAttention) return false;
    return interrupted === undefined ? hasFatalSignal(task) : hasSignal(task);
  }

  /** What a call comes to when a signal cuts it short. */
  private _interrupt(task: Task, call: PendingCall, { interrupted = EINTR }: Blocked): number | Errno {
    const result = typeof interrupted === 'function' ? interrupted() : interrupted;
    if (result instanceof Errno) task.interruptedCall = { call, error: result };
    return result;
  }

  private _unknownCall(task: Task, number: number): void {
    const name = findSyscallName(number);
    if (!this._unknownNamed.has(number)) {
      this._unknownNamed.add(number);
      const what = name === undefined ? '' : ` ${name}`;
      this.host.diagnose(`unknown system call ${number}${what} (pid ${task.tid}), returning ENOSYS`);
    }
    this.report.unknownCall(
      task,
      number,
      name,
      ARG_REGISTERS.map((register) => this.cpu.state.reg(register)),
    );
    this.cpu.state.setReg(RAX, BigInt(-ENOSYS.number));
  }

  /** Who sleeps in which call, with its arguments as strace(1) prints them. */
  describeWaits(): string[] {
    return [...this._tasks.values()]
      .filter(({ state }) => state === 'blocked')
      .map((task) => `pid ${task.tid} ${task.comm}: ${this.report.describeCall(task)}`);
  }

  /** A task's memory as a debugger sees it: nothing changes by looking. */
  peek(task: Task, address: bigint, length: number): Uint8Array | undefined {
    return task.hasMemory() ? peek(task.mm, address, length) : undefined;
  }
}
