/**
 * The program behind the packets: the debugger's engine, and what a client is attached to in it. Every process runs when one
 * goes on; of those that the client is not attached to, nothing is told. What a client changes (memory, registers, signals)
 * is part of the run from then on: what came after that moment is forgotten, and going back and forth repeats the change.
 */

import { SIGINT, SIGKILL, SIGTRAP, type SignalInfo, signalBit, signalName } from '../abi/signal.ts';
import { findSyscallName } from '../abi/syscall-names.ts';
import { invariant, UsageError } from '../base/invariant.ts';
import type { Direction, Engine } from '../debug/engine.ts';
import { stateOf } from '../debug/inspect/registers.ts';
import { type Catchpoint, QUIET_SIGNALS, type Stop } from '../debug/stops.ts';
import type { EventDetail, TimelineEvent } from '../debug/timeline.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { fromKernel, sendSignal, sendToProcess } from '../kernel/task/signal.ts';
import type { Task } from '../kernel/task/task.ts';
import { writeForced } from '../kernel/vfs/fs/proc/memory-files.ts';
import type { Debuggee, Point, Refusal, Resumption, StartRequest } from './debuggee.ts';
import { type Inferior, Inferiors, type Removal } from './inferiors.ts';
import type { MonitorAnswer } from './monitor.ts';
import type { Register } from './registers.ts';
import { endText, NO_PROGRAM, NOTHING_RUNS, REASON, stopText } from './stop-reply.ts';

export interface EngineDebuggeeOptions {
  /** Makes an engine with the program at its start. UsageError: there is none to run. */
  readonly open: (request: StartRequest) => Promise<Engine>;
  /** What the program reads, when it wants some; none: its end. */
  readonly input: () => Promise<Uint8Array>;
  /** A line for whoever runs the server. */
  readonly report: (message: string) => void;
  /** The answer to a line of `monitor`. */
  readonly monitor: (engine: Engine, line: string) => Promise<MonitorAnswer>;
}

/** Why it stands still. */
interface Standing {
  readonly reply: string;
  readonly task?: Task | undefined;
  /** Waits to be delivered to it. */
  readonly signal?: SignalInfo | undefined;
}

/** What of a thread's signals, or its process's, is about to be taken. */
const waitingSignal = (task: Task, signal: number): SignalInfo | undefined =>
  [...task.pending.all(), ...task.process.pending.all()].find((info) => info.signal === signal);

const NOTHING: Standing = { reply: NO_PROGRAM };
const NOT_ASKED: StartRequest = {
  file: undefined,
  args: undefined,
  environment: new Map(),
  workingDirectory: undefined,
};
const BREAKPOINT_CODE = 0x80, STEP_CODE = 2; // biome-ignore format: one line

export class EngineDebuggee implements Debuggee {
  private readonly _options: EngineDebuggeeOptions;
  private readonly _inferiors: Inferiors;
  private _engine: Engine | undefined;
  private _standing: Standing = NOTHING;
  /** Names of signals that do not stop it. */
  private _passed: readonly string[] = [...QUIET_SIGNALS];
  /** Threads that wait for a child to give back their memory. */
  private readonly _vforking = new Set<number>();
  private _offered: ReadonlySet<string> = new Set();
  private _isInterrupted = false;
  /** A signal that the client wants to be delivered. */
  private _sent: { readonly tid: number; readonly signal: number } | undefined;
  /** Where the program goes when it is to go on. */
  private _detour: (() => Promise<void>) | undefined;
  /** Runs for nobody: processes that were detached from. */
  private _free: Promise<void> | undefined;
  private _comings: readonly Catchpoint[] = [];
  private _calls: Catchpoint | undefined;
  /** Was asked for, and has not come yet. */
  private _input: Promise<Uint8Array> | undefined;
  private _wake: () => void = () => {};

  constructor(options: EngineDebuggeeOptions) {
    this._options = options;
    this._inferiors = new Inferiors((point) => this._insert(point));
  }

  get kernel(): Kernel | undefined {
    return this._engine?.machine.kernel;
  }

  // ---- who is there ---------------------------------------------------------------------------------------------

  threads(): Task[] {
    const { kernel } = this;
    return kernel === undefined
      ? []
      : this._inferiors.pids().flatMap((pid) => kernel.findProcess(pid)?.liveThreads() ?? []);
  }

  attachedPids(): number[] {
    return this._inferiors.pids();
  }

  wasAttached(pid: number): boolean {
    return this._inferiors.find(pid)?.wasAttached === true;
  }

  stoppedThread(): Task | undefined {
    const { task } = this._standing;
    return task?.isAlive() ? task : undefined;
  }

  siginfo(task: Task): SignalInfo {
    const { signal, task: stopped } = this._standing;
    if (signal !== undefined && task === stopped) return waitingSignal(task, signal.signal) ?? signal;
    const code = this._standing.reply.includes('break') ? BREAKPOINT_CODE : STEP_CODE;
    return { signal: SIGTRAP, code, address: stateOf(task)?.rip ?? 0n };
  }

  // ---- changes --------------------------------------------------------------------------------------------------

  changeRegisters(task: Task, values: readonly (readonly [Register, bigint])[]): Refusal {
    const wrong = values.find(([register]) => register.write === undefined);
    if (wrong !== undefined) return `${wrong[0].name} cannot be changed`;
    if (values.length === 0) return undefined;
    this._running().changeTask(task, (now) => {
      const state = stateOf(now);
      if (state !== undefined) for (const [register, value] of values) register.write!(now, state, value);
    });
    return undefined;
  }

  changeMemory(task: Task, address: bigint, bytes: Uint8Array): Refusal {
    let done = 0;
    this._running().changeTask(task, (now) => {
      done = now.hasMemory() ? writeForced(now.mm, address, bytes) : 0;
    });
    return done < bytes.length ? `memory at 0x${(address + BigInt(done)).toString(16)} cannot be changed` : undefined;
  }

  private _running(): Engine {
    if (this._engine === undefined) throw new UsageError('no program is there');
    return this._engine;
  }

  // ---- where to stop --------------------------------------------------------------------------------------------

  insert(point: Point): void {
    if (!this._inferiors.insert(point)) throw new UsageError('not attached to the process');
  }

  remove(point: Point): void {
    this._inferiors.remove(point);
  }

  private _insert({ kind, pid, address, length }: Point): Removal {
    const engine = this._running();
    const { id } =
      kind === 'break' || kind === 'hardware break'
        ? engine.addBreakpoint(address, { pid })
        : engine.addWatchpoint({ kind: 'virtual', pid, address, length }, kind, { pid });
    return () => void engine.removeStopPoint(id);
  }

  passSignals(signals: readonly number[]): void {
    this._passed = signals.map(signalName);
    this._quietSignals();
  }

  private _quietSignals(): void {
    const quiet = this._engine?.quietSignals;
    quiet?.clear();
    for (const name of this._passed) quiet?.add(name);
  }

  catchSyscalls(pid: number, numbers: ReadonlySet<number> | 'all' | undefined): void {
    const inferior = this._inferiors.find(pid);
    if (inferior === undefined) throw new UsageError('not attached to the process');
    inferior.calls = numbers;
    this._catchEvents();
  }

  offer(features: ReadonlySet<string>): void {
    this._offered = features;
  }

  private _offers(feature: string): boolean {
    return this._offered.has(feature);
  }

  /** What the engine is to tell of: processes and programs that come and go, and the calls that somebody asks for. */
  private _catchEvents(): void {
    this._stopCatching();
    const engine = this._engine;
    if (engine === undefined) return;
    this._comings = (['fork', 'vfork', 'exec', 'exit'] as const).map((kind) =>
      engine.addCatchpoint({ kind }, { standsAfter: true }),
    );
    const names = this._callNames();
    this._calls = engine.addCatchpoint({ kind: 'syscall', names });
  }

  private _stopCatching(): void {
    for (const { id } of this._comings) this._engine?.removeStopPoint(id);
    if (this._calls !== undefined) this._engine?.removeStopPoint(this._calls.id);
    this._comings = [];
    this._calls = undefined;
  }

  /** Undefined: all. The return of vfork(2) tells that the parent goes on. */
  private _callNames(): string[] | undefined {
    const names = new Set(['vfork', 'clone', 'clone3']);
    for (const { calls } of this._inferiors.all()) {
      if (calls === 'all') return undefined;
      for (const number of calls ?? []) names.add(findSyscallName(number) ?? '');
    }
    return [...names];
  }

  // ---- running --------------------------------------------------------------------------------------------------

  stopReply(): string {
    return this._standing.reply;
  }

  interrupt(): void {
    this._isInterrupted = true;
    this._engine?.interrupt();
    this._wake();
  }

  async resume(how: Resumption): Promise<string> {
    const engine = this._running();
    await this._endFree();
    this._isInterrupted = false;
    if (this._detour !== undefined) return await this._takeDetour(engine, this._detour);
    if (how.direction === 'forward') this._settleSignal(how);
    // Going back, a client that has seen a child or a program come cannot be told that it goes.
    for (const point of this._comings) point.isEnabled = how.direction === 'forward';
    this._standing = await this._run(engine, how);
    return this._standing.reply;
  }

  /** To where a `monitor` command wants to be. */
  private async _takeDetour(engine: Engine, detour: () => Promise<void>): Promise<string> {
    this._detour = undefined;
    try {
      await detour();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this._options.report(error.message);
    }
    this._standing = this._trap(engine.task);
    return this._standing.reply;
  }

  /**
   * A signal that waits and is not passed on is forgotten; one that does not wait is sent. That of a fault does not wait yet:
   * the instruction runs again, and faults again.
   */
  private _settleSignal(how: Resumption): void {
    const { task, signal } = this._standing;
    const waiting = task?.isAlive() ? signal?.signal : undefined;
    if (waiting !== undefined && how.signal !== waiting && waitingSignal(task!, waiting) !== undefined)
      this._running().changeTask(task!, (now) => {
        now.pending.discard(signalBit(waiting));
        now.process.pending.discard(signalBit(waiting));
      });
    if (how.signal === undefined || how.signal === waiting) return;
    const receiver = how.kind === 'step' ? how.task : (this.stoppedThread() ?? this.threads()[0]);
    const info = fromKernel(how.signal);
    if (receiver === undefined) return;
    this._running().changeTask(receiver, (now) => sendSignal(now, info));
    this._sent = { tid: receiver.tid, signal: how.signal };
  }

  private async _run(engine: Engine, how: Resumption): Promise<Standing> {
    const { direction } = how;
    let passesSignal = this._standing.signal?.signal === how.signal;
    // A client takes its breakpoints away to go past one.
    for (let isStep = how.kind === 'step'; ; passesSignal = true) {
      const task = isStep && how.kind === 'step' ? engine.machine.kernel.findTask(how.task.tid) : undefined;
      const stop =
        task === undefined
          ? await engine.continue({ direction, stopsHere: true, passesSignal })
          : await engine.stepInstruction({ task, direction, stopsHere: true, passesSignal });
      if (stop.reason.kind === 'task ended') isStep = false;
      else {
        const standing = await this._told(engine, stop, how);
        if (standing !== undefined) return standing;
      }
      if (this._isInterrupted) return this._interrupted();
    }
  }

  /** What a client is told of a stop; undefined: nothing, and it goes on. */
  private async _told(engine: Engine, { reason, task }: Stop, how: Resumption): Promise<Standing | undefined> {
    switch (reason.kind) {
      case 'step':
      case 'goto':
        return how.kind === 'step' && this._isInRange(how) ? undefined : this._trap(task);
      case 'breakpoint': {
        const isHardware = this._hasHardwareBreak(task);
        return this._trap(task, isHardware ? REASON.hardwareBreakpoint : REASON.breakpoint);
      }
      case 'watchpoint': {
        const { access, place } = reason.watchpoint;
        invariant(place.kind === 'virtual' && access !== 'change', 'a watchpoint that no packet has put there');
        return this._trap(task, REASON.watch(access, place.address));
      }
      case 'catchpoint':
        return this._event(reason.event, how.direction);
      case 'signal':
        return this._signal(reason.event, how.direction);
      case 'start':
        if (this._anyThread() === undefined) await this._goToBirth(engine);
        return this._trap(this._anyThread(), REASON.historyBegin);
      case 'interrupted':
        return this._interrupted();
      case 'input':
        await this._giveInput(engine);
        return undefined;
      case 'deadlock':
        this._options.report('every process that is left waits, and nothing can wake one');
        return this._stopped(this._anyThread(), 0);
      case 'end':
      case 'task ended':
        return { reply: NOTHING_RUNS };
    }
  }

  /** Before the birth of all that the client is attached to there is nothing for it to see: its history begins there. */
  private async _goToBirth(engine: Engine): Promise<void> {
    const { timeline } = engine;
    for (let number = timeline.forgotten + 1; number <= timeline.last; number++) {
      const detail = timeline.find(number)?.detail;
      if (detail?.kind !== 'fork' || this._inferiors.find(detail.childPid) === undefined) continue;
      await engine.goto({ event: number });
      return;
    }
  }

  private _stopped(task: Task | undefined, signal: number, reason?: string): Standing {
    return task === undefined ? { reply: NOTHING_RUNS } : { reply: stopText({ task, signal, reason }), task };
  }

  private _trap(task: Task | undefined, reason?: string): Standing {
    return this._stopped(task !== undefined && this._isAttached(task) ? task : this._anyThread(), SIGTRAP, reason);
  }

  private _interrupted(): Standing {
    return this._stopped(this._anyThread(), SIGINT);
  }

  private _isAttached({ pid }: Task): boolean {
    return this._inferiors.find(pid) !== undefined;
  }

  /** The running one, if a client knows it, or the first. */
  private _anyThread(): Task | undefined {
    const threads = this.threads();
    const current = this.kernel?.current;
    return threads.find((task) => task === current) ?? threads[0];
  }

  private _isInRange({ task: { tid }, range }: Resumption & { kind: 'step' }): boolean {
    const task = this.kernel?.findTask(tid);
    const rip = task && stateOf(task)?.rip;
    return range !== undefined && rip !== undefined && rip >= range[0] && rip < range[1];
  }

  private _hasHardwareBreak(task: Task | undefined): boolean {
    const rip = task && stateOf(task)?.rip;
    const points = task && this._inferiors.find(task.pid)?.points;
    return [...(points?.values() ?? [])].some(({ point }) => point.kind === 'hardware break' && point.address === rip);
  }

  // ---- events ---------------------------------------------------------------------------------------------------

  private _event(event: TimelineEvent, direction: Direction): Standing | undefined {
    const inferior = this._inferiors.find(event.pid);
    const { detail } = event;
    if (inferior === undefined) return undefined;
    const task = this.kernel!.findTask(event.tid);
    if (detail.kind === 'syscall' || detail.kind === 'return') return this._call(inferior, task, detail, direction);
    switch (detail.kind) {
      case 'fork':
        return this._forked(inferior, task, detail.childPid);
      case 'exec': {
        const path = task?.process.exe?.path();
        this._inferiors.clear(inferior.pid);
        return path === undefined || !this._offers('exec-events')
          ? undefined
          : this._stopped(task, SIGTRAP, REASON.exec(path));
      }
      case 'exit':
        return this._ended(event.pid);
      default:
        return undefined;
    }
  }

  private _forked(parent: Inferior, task: Task | undefined, childPid: number): Standing | undefined {
    const child = this.kernel!.findProcess(childPid)?.leader;
    // A child that is known was born before the client went back.
    if (task === undefined || child === undefined || this._isAttached(child)) return undefined;
    const kind = child.hasMemory() && task.hasMemory() && child.mm === task.mm ? 'vfork' : 'fork';
    if (!this._offers(`${kind}-events`)) return undefined;
    this._inferiors.attachChild(childPid, parent);
    this._catchEvents();
    if (kind === 'vfork') this._vforking.add(task.tid);
    return this._stopped(task, SIGTRAP, REASON.fork(kind, child));
  }

  private _call(
    { calls }: Inferior,
    task: Task | undefined,
    { kind, number }: EventDetail & { kind: 'syscall' | 'return' },
    direction: Direction,
  ): Standing | undefined {
    if (task === undefined) return undefined;
    const isReturn = kind === 'return';
    if (isReturn && direction === 'forward' && this._vforking.delete(task.tid))
      return this._stopped(task, SIGTRAP, REASON.vforkDone);
    if (calls !== 'all' && !calls?.has(number)) return undefined;
    return this._stopped(task, SIGTRAP, isReturn ? REASON.callReturn(number) : REASON.callEntry(number));
  }

  /** Of several threads the last one ends the process. */
  private _ended(pid: number): Standing | undefined {
    const process = this.kernel!.allProcesses.find((one) => one.pid === pid);
    if (process === undefined || process.isAlive() || process.ending === undefined) return undefined;
    this._forget(pid);
    return { reply: endText(pid, process.ending) };
  }

  private _signal({ detail, pid, tid }: TimelineEvent, direction: Direction): Standing | undefined {
    const task = this.kernel!.findTask(tid);
    if (detail.kind !== 'signal' || task === undefined || this._inferiors.find(pid) === undefined) return undefined;
    if (direction === 'backward') return undefined;
    const { signal, code, address } = detail;
    // What the client has sent it need not hear of.
    const isSent = this._sent?.tid === tid && this._sent.signal === signal;
    this._sent = undefined;
    if (isSent) return undefined;
    return { ...this._stopped(task, signal), signal: { signal, code, ...(address === undefined ? {} : { address }) } };
  }

  // ---- input ----------------------------------------------------------------------------------------------------

  private async _giveInput(engine: Engine): Promise<void> {
    const interrupted = new Promise<undefined>((resolve) => {
      this._wake = () => resolve(undefined);
    });
    this._input ??= this._options.input();
    const bytes = this._isInterrupted ? undefined : await Promise.race([this._input, interrupted]);
    if (bytes === undefined) return;
    this._input = undefined;
    if (bytes.length === 0) engine.endInput();
    else engine.input(bytes);
  }

  // ---- coming and going -----------------------------------------------------------------------------------------

  async start(request: StartRequest): Promise<string> {
    await this._endFree();
    this.killAll();
    const engine = await this._options.open(request);
    this._engine = engine;
    const task = engine.task;
    invariant(task !== undefined, 'an engine without a program');
    this._inferiors.attach(task.pid, false);
    this._catchEvents();
    this._standing = this._stopped(task, SIGTRAP);
    return this._standing.reply;
  }

  async prepare(): Promise<void> {
    if (this._inferiors.pids().length === 0 && this._free === undefined) await this.start(NOT_ASKED);
  }

  async attach(pid: number): Promise<string> {
    await this._endFree();
    const task = this.kernel?.findProcess(pid)?.liveThreads()[0];
    if (task === undefined) throw new UsageError('no such process');
    this._inferiors.attach(pid, true);
    this._catchEvents();
    this._standing = this._stopped(task, 0);
    return this._standing.reply;
  }

  detach(pid: number): boolean {
    if (this._inferiors.find(pid) === undefined) return false;
    this._forget(pid);
    if (this._inferiors.pids().length === 0) this._standing = NOTHING;
    return true;
  }

  /** When nobody is left, the others go on by themselves. */
  private _forget(pid: number): void {
    this._inferiors.detach(pid);
    this._catchEvents();
    if (this._inferiors.pids().length === 0) this._goFree();
  }

  private _goFree(): void {
    const engine = this._engine;
    if (engine === undefined) return;
    this._stopCatching();
    this._isInterrupted = false;
    this._free = this._runFree(engine)
      .catch((error: unknown) => this._options.report(`internal error: ${String(error)}`))
      .finally(() => {
        this._free = undefined;
      });
  }

  private async _runFree(engine: Engine): Promise<void> {
    // The packet at hand is answered first.
    await Promise.resolve();
    while (!this._isInterrupted) {
      const { reason } = await engine.continue({});
      if (reason.kind === 'input') await this._giveInput(engine);
      else if (reason.kind === 'end' || reason.kind === 'deadlock' || reason.kind === 'interrupted') return;
    }
  }

  private async _endFree(): Promise<void> {
    if (this._free === undefined) return;
    this.interrupt();
    await this._free;
    this._isInterrupted = false;
  }

  kill(pid: number): Refusal {
    const process = this.kernel?.findProcess(pid);
    const inferior = this._inferiors.find(pid);
    if (process === undefined || inferior === undefined) throw new UsageError('not attached to it');
    if (this._inferiors.pids().length === 1) this.killAll();
    else {
      this._running().changeTask(process.leader, (task) => sendToProcess(task.process, fromKernel(SIGKILL)));
      this._inferiors.detach(pid);
      this._catchEvents();
    }
    return undefined;
  }

  killAll(): void {
    this._stopCatching();
    this._inferiors.detachAll();
    this._vforking.clear();
    this._detour = undefined;
    this._engine = undefined;
    this._standing = NOTHING;
  }

  // ---- looking --------------------------------------------------------------------------------------------------

  undisturbed<T>(look: () => T): T {
    return this._running().undisturbed(look);
  }

  async monitor(line: string, task: Task | undefined): Promise<string> {
    const engine = this._running();
    engine.task = task;
    const { text, detour } = await this._options.monitor(engine, line);
    this._detour = detour ?? this._detour;
    return text;
  }
}
