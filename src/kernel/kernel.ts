/**
 * The kernel: runs tasks on the CPU and answers what it comes back with. System calls are dispatched here (syscall(2)),
 * faults become pages or signals, and the observer hears of both. Nothing here awaits: a task that has to wait leaves
 * the CPU, and its call is run again when it wakes.
 */
import { ENOSYS, Errno } from '../abi/errno.ts';
import { SI_KERNEL, SIGKILL } from '../abi/signal.ts';
import { findSyscallName } from '../abi/syscall-names.ts';
import type { Pfn } from '../base/ints.ts';
import { invariant, unreachable } from '../base/invariant.ts';
import type { Exit } from '../cpu/exit.ts';
import type { Cpu } from '../cpu/run.ts';
import { RAX, RDI, RDX, RSI, STATE } from '../cpu/state.ts';
import type { ElfImage } from '../elf/image.ts';
import type { Host } from '../host/host.ts';
import type { Frames } from '../mem/frames.ts';
import { type Access, PF_FETCH, PF_WRITE } from '../mem/mmu.ts';
import { ImageFile } from './mm/backing.ts';
import type { MmHost } from './mm/host.ts';
import { peek, writeU32 } from './mm/user-memory.ts';
import type { KernelObserver } from './observer.ts';
import { Held, Outside } from './outside.ts';
import { Random } from './random.ts';
import { Reporter } from './reporter.ts';
import { Blocked, ENDED, type PendingCall, type SyscallResult } from './syscalls/define.ts';
import { findSyscall } from './syscalls/table.ts';
import { exec } from './task/exec.ts';
import { DEFAULT_LIMITS } from './task/limits.ts';
import { type SchedulePolicy, scheduleOf } from './task/schedule.ts';
import { Scheduler } from './task/scheduler.ts';
import { deliverSignals, hasFatalSignal, raiseFatal, signalOfException } from './task/signal.ts';
import { Task } from './task/task.ts';

/** What the kernel needs of the CPU: a test can put something simpler in its place. */
export type KernelCpu = Pick<Cpu, 'state' | 'retired' | 'run' | 'switchTo'> & MmHost['cpu'];

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
}

export const DEFAULT_QUANTUM = 1_000_000;
const FIRST_PID = 100;

/**
 * Why `run` came back: the budget is spent; no process is left; all that are left wait for each other, for ever; nothing
 * can go on before something has come from outside, or `idleNs` have passed there.
 */
export type KernelStop = 'budget' | 'finished' | 'deadlock' | 'outside';

export interface ProgramRequest {
  readonly image: ElfImage;
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
}

/** Where a call's arguments are: syscall(2). */
const ARG_REGISTERS = [RDI, RSI, RDX, 10, 8, 9];

export class Kernel implements MmHost {
  readonly frames: Frames;
  readonly cpu: KernelCpu;
  readonly host: Host;
  readonly scheduler: Scheduler;
  readonly zeroFrame: Pfn;
  readonly report: Reporter;
  readonly outside: Outside;
  readonly onFault: MmHost['onFault'];
  /** Every process there was, in order of birth, ended or not. */
  readonly allTasks: Task[] = [];

  readonly #byPid = new Map<number, Task>();
  readonly #files = new Map<Uint8Array, ImageFile>();
  readonly #random: Random;
  readonly #unknownNamed = new Set<number>();
  #lastPid = FIRST_PID - 1;
  /** The console has the first three. */
  #lastInode = 3;
  /** Has the CPU's turn; undefined between two turns. */
  #current: Task | undefined;
  /** Whose registers the CPU holds. */
  #loaded: Task | undefined;
  #sliceEnd = 0;
  /** Virtual time that passed while everybody slept. */
  #idleNs = 0;

  constructor({ frames, cpu, host, quantum = DEFAULT_QUANTUM, seed = 0, schedule, observer }: KernelOptions) {
    const zeroFrame = frames.allocate();
    invariant(zeroFrame !== undefined, 'no memory for the zero frame');
    this.frames = frames;
    this.cpu = cpu;
    this.host = host;
    this.outside = new Outside(host.console);
    this.zeroFrame = zeroFrame;
    this.scheduler = new Scheduler(schedule ?? scheduleOf(seed, quantum));
    this.#random = new Random(seed);
    this.report = new Reporter(this, observer);
    if (this.report.watchesPages) this.onFault = (...event) => this.report.fault(...event);
  }

  // ---- processes ------------------------------------------------------------------------------------------------

  /** Makes a process without a parent that will run a program. */
  start(request: ProgramRequest): Task | Errno {
    const { image, path, args, env } = request;
    const file = this.#fileOf(image, path);
    const program = exec(this, { image, file, path, args, env, random: this.random(16) });
    if (program instanceof Errno) return program;
    const task = new Task(this, this.nextPid(), undefined, program.space, program.context);
    task.comm = path.slice(path.lastIndexOf('/') + 1);
    task.exe = path.startsWith('/') ? path : `/${path.replace(/^(?:\.\/)+/, '')}`;
    this.adopt(task);
    this.report.exec(task, request, program);
    return task;
  }

  #fileOf(image: ElfImage, path: string): ImageFile {
    let file = this.#files.get(image.bytes);
    if (file === undefined) this.#files.set(image.bytes, (file = new ImageFile(this.frames, path, image.bytes)));
    return file;
  }

  nextPid(): number {
    return ++this.#lastPid;
  }

  /** For a file that is in no file system: a pipe. */
  nextInode(): number {
    return ++this.#lastInode;
  }

  /** Takes in a new process, ready to run. */
  adopt(task: Task): void {
    this.#byPid.set(task.pid, task);
    this.allTasks.push(task);
    this.scheduler.admit(task);
  }

  /** Its parent has waited for it. */
  forget(task: Task): void {
    this.#byPid.delete(task.pid);
  }

  /** Processes that are there, zombies included. */
  processes(): Task[] {
    return [...this.#byPid.values()];
  }

  processCount(): number {
    return this.#byPid.size;
  }

  find(pid: number): Task | undefined {
    return this.#byPid.get(pid);
  }

  /** The task whose registers are in the CPU. */
  get current(): Task | undefined {
    return this.#loaded;
  }

  limit(resource: number): bigint {
    return (this.#loaded?.limits ?? DEFAULT_LIMITS)[resource].soft;
  }

  /** The next bytes of the machine's own randomness. */
  random(count: number): Uint8Array {
    return this.#random.bytes(count);
  }

  /** Virtual nanoseconds since the start: one for each instruction, and what was slept through. */
  now(): number {
    return this.cpu.retired + this.#idleNs;
  }

  /** Gives back what the kernel itself holds. All processes must have ended. */
  shutDown(): void {
    this.frames.release(this.zeroFrame);
  }

  /** Ends every process that is left, without telling anybody: the run is over. */
  endAll(): void {
    for (const task of this.processes()) {
      if (!task.hasMemory()) continue;
      this.scheduler.remove(task);
      this.unload(task);
      task.state = 'gone';
      task.releaseMemory();
    }
    this.#byPid.clear();
  }

  // ---- running --------------------------------------------------------------------------------------------------

  /** Runs tasks for at most `budget` instructions, exact; less when nothing is left to run. */
  run(budget: number): KernelStop {
    const { cpu } = this;
    const end = cpu.retired + budget;
    while (cpu.retired < end) {
      const task = this.#current ?? this.#nextTask();
      if (typeof task === 'string') return task;
      if (this.outside.isHeld) return 'outside';
      this.#load(task);
      if (this.#resume(task)) {
        const before = cpu.retired;
        const exit = cpu.run(Math.min(this.#nextSwitch(), end) - before);
        task.instructions += cpu.retired - before;
        this.#handle(task, exit);
      }
      if (this.outside.isHeld) return 'outside';
      const isPreempted = this.scheduler.takePreemption();
      if (this.#current !== undefined && (isPreempted || cpu.retired >= this.#nextSwitch())) this.yieldSlice();
    }
    return this.#byPid.size === 0 ? 'finished' : 'budget';
  }

  /**
   * When another task may run. Alone, a task gets one slice after the other, which need not be told apart: ending one
   * to the instruction costs time. Who becomes ready meanwhile waits for the end of the slice at hand.
   */
  #nextSwitch(): number {
    const { retired } = this.cpu;
    if (!this.scheduler.hasReady() && this.scheduler.timers.isEmpty) return Number.POSITIVE_INFINITY;
    if (this.#sliceEnd < retired) this.#sliceEnd += this.#slicesUpTo(retired - this.#sliceEnd);
    return this.#sliceEnd;
  }

  /** Slices of one length that cover so many instructions. */
  #slicesUpTo(instructions: number): number {
    const slice = this.scheduler.policy.slice();
    return Math.ceil(instructions / slice) * slice;
  }

  /** The running task goes to the end of the line. */
  yieldSlice(): void {
    const task = this.#current;
    if (task === undefined) return;
    this.scheduler.enqueue(task);
    this.#current = undefined;
  }

  #nextTask(): Task | 'finished' | 'deadlock' | 'outside' {
    const { timers } = this.scheduler;
    timers.run(this.now());
    let task = this.scheduler.next();
    while (task === undefined) {
      if (this.#byPid.size === 0) return 'finished';
      const { next } = timers;
      if (this.outside.isPending()) return 'outside';
      if (next === undefined) return 'deadlock';
      this.#idleNs += Math.max(0, next - this.now());
      timers.run(this.now());
      task = this.scheduler.next();
    }
    this.#current = task;
    this.#sliceEnd = this.cpu.retired + this.scheduler.policy.slice();
    return task;
  }

  /** After 'outside': how long it may take until a task wakes up by itself. Infinity: none does. */
  untilWakeUp(): number {
    const { next } = this.scheduler.timers;
    return next === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next - this.now());
  }

  /** Everybody has slept for so many nanoseconds. */
  passIdle(ns: number): void {
    this.#idleNs += ns;
  }

  /**
   * For a call that needs an answer of the host: it returns what this gives, nothing else runs, and the call is run again
   * once the promise is settled. What it settles to the call keeps for itself, in its `memo`.
   */
  awaitOutside(promise: Promise<unknown>): Blocked {
    return this.outside.hold(promise);
  }

  /** Puts the task's registers and page table into the CPU. */
  #load(task: Task): void {
    const from = this.#loaded;
    if (from === task) return;
    if (from !== undefined) this.cpu.state.saveTo(from.context);
    this.cpu.state.restore(task.context);
    this.cpu.switchTo(task.mm.cr3);
    this.#loaded = task;
    this.report.switched(from, task);
    if (task.setChildTid !== 0n) {
      writeU32(task.mm, task.setChildTid, task.pid);
      task.setChildTid = 0n;
    }
  }

  /** A task that ends leaves the CPU; its registers are not kept. */
  unload(task: Task): void {
    if (this.#loaded === task) this.#loaded = undefined;
    if (this.#current === task) this.#current = undefined;
  }

  /** What comes before user mode: the call that the task slept in, then its signals. False when it does not get there. */
  #resume(task: Task): boolean {
    const { call } = task;
    if (call !== undefined) {
      task.call = undefined;
      if (call.blocked !== undefined && hasFatalSignal(task))
        this.report.callExit(task, call, undefined, call.blocked.interrupted);
      else {
        this.#runCall(task, call);
        if (this.#current !== task || this.outside.isHeld) return false;
      }
    }
    return task.pending.length === 0 || deliverSignals(task);
  }

  #handle(task: Task, exit: Exit): void {
    switch (exit.kind) {
      case 'budget':
        return;
      case 'syscall':
        this.#dispatch(task);
        return;
      case 'pageFault':
        this.#pageFault(task, exit.address, exit.errorCode);
        return;
      case 'exception':
        raiseFatal(task, signalOfException(exit.vector, this.cpu.state.rip));
        return;
      case 'stop':
      case 'refused':
        invariant(false, `nobody has asked the CPU for a ${exit.kind}`);
        break;
      default:
        unreachable(exit);
    }
  }

  #pageFault(task: Task, address: bigint, errorCode: number): void {
    const access: Access = errorCode & PF_WRITE ? 'write' : errorCode & PF_FETCH ? 'execute' : 'read';
    task.minorFaults++;
    const result = task.mm.fault(address, access);
    if (result === 'out of memory') this.#outOfMemory(task);
    else if (typeof result !== 'string') raiseFatal(task, { ...result, address });
  }

  /** Linux kills the process that is largest; here it is the one that asked. */
  #outOfMemory(task: Task): void {
    this.host.diagnose(`out of memory: pid ${task.pid} (${task.comm}) is killed`);
    raiseFatal(task, { signal: SIGKILL, code: SI_KERNEL });
  }

  // ---- system calls ---------------------------------------------------------------------------------------------

  #dispatch(task: Task): void {
    const { state } = this.cpu;
    const number = state.u32(STATE.regs);
    const record = findSyscall(number);
    if (record === undefined) {
      this.#unknownCall(task, number);
      return;
    }
    const args: Record<string, bigint | number> = {};
    for (let i = 0; i < record.args.length; i++) {
      const [name, kind] = record.args[i];
      const register = ARG_REGISTERS[i];
      const { decode } = kind;
      if (decode === 'u64') args[name] = state.reg(register);
      else {
        const value = state.u32(STATE.regs + register * 8);
        args[name] = decode === 'i32' ? value | 0 : value;
      }
    }
    const call: PendingCall = { record, number, args, memo: undefined, blocked: undefined };
    this.report.callEnter(task, call);
    this.#runCall(task, call);
  }

  /** Runs a call, perhaps not for the first time. */
  #runCall(task: Task, call: PendingCall): void {
    const result: SyscallResult = call.record.run(task, call.args, call);
    if (result instanceof Held) {
      call.blocked = undefined;
      task.call = call;
      return;
    }
    if (result instanceof Blocked) {
      if (call.blocked === undefined) this.report.callBlocked(task);
      call.blocked = result;
      task.call = call;
      this.#current = undefined;
      this.scheduler.sleep(task, result);
      return;
    }
    if (result === ENDED) return;
    const error = result instanceof Errno ? result : undefined;
    const value = result instanceof Errno ? BigInt(-result.number) : BigInt(result);
    this.cpu.state.setReg(RAX, value);
    this.report.callExit(task, call, value, error);
  }

  #unknownCall(task: Task, number: number): void {
    const name = findSyscallName(number);
    if (!this.#unknownNamed.has(number)) {
      this.#unknownNamed.add(number);
      const what = name === undefined ? '' : ` ${name}`;
      this.host.diagnose(`unknown system call ${number}${what} (pid ${task.pid}), returning ENOSYS`);
    }
    this.report.unknownCall(
      task,
      number,
      name,
      ARG_REGISTERS.map((register) => this.cpu.state.reg(register)),
    );
    this.cpu.state.setReg(RAX, BigInt(-ENOSYS.number));
  }

  /** A task's memory as a debugger sees it: nothing changes by looking. */
  peek(task: Task, address: bigint, length: number): Uint8Array | undefined {
    return task.hasMemory() ? peek(task.mm, address, length) : undefined;
  }
}
