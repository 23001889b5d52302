/**
 * The program behind the packets: the debugger's engine, and what a client is attached to in it. Every process runs when one
 * goes on; of those that the client is not attached to, nothing is told. What a client changes (memory, registers, signals)
 * is part of the run from then on: what came after that moment is forgotten, and going back and forth repeats the change.
 */

import { SIGKILL, SIGTRAP, type SignalInfo, signalBit, signalName } from '../abi/signal.ts';
import { invariant, UsageError } from '../base/invariant.ts';
import type { Engine } from '../debug/engine.ts';
import { stateOf } from '../debug/inspect/registers.ts';
import type { Stop } from '../debug/stops.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { fromKernel, sendSignal, sendToProcess } from '../kernel/task/signal.ts';
import type { Task } from '../kernel/task/task.ts';
import { writeForced } from '../kernel/vfs/fs/proc/memory-files.ts';
import { Catching } from './catching.ts';
import type { Debuggee, Point, Refusal, Resumption, StartRequest } from './debuggee.ts';
import { Inferiors, type Removal } from './inferiors.ts';
import type { MonitorAnswer } from './monitor.ts';
import type { Register } from './registers.ts';
import { NO_PROGRAM, REASON } from './stop-reply.ts';
import { type Standing, Teller } from './teller.ts';

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
  private readonly _catching: Catching;
  private readonly _teller: Teller;
  private _engine: Engine | undefined;
  private _standing: Standing = NOTHING;
  private _isInterrupted = false;
  /** Where the program goes when it is to go on. */
  private _detour: (() => Promise<void>) | undefined;
  /** Runs for nobody: processes that were detached from. */
  private _free: Promise<void> | undefined;
  /** Was asked for, and has not come yet. */
  private _input: Promise<Uint8Array> | undefined;
  private _wake: () => void = () => {};

  constructor(options: EngineDebuggeeOptions) {
    this._options = options;
    this._inferiors = new Inferiors((point) => this._insert(point));
    this._catching = new Catching(this._inferiors, () => this._engine);
    this._teller = new Teller(this._inferiors, {
      kernel: () => this.kernel,
      onBirth: () => this._catching.update(),
      onEnd: (pid) => this._forget(pid),
    });
  }

  get kernel(): Kernel | undefined {
    return this._engine?.machine.kernel;
  }

  // ---- who is there ---------------------------------------------------------------------------------------------

  threads(): Task[] {
    return this._teller.threads();
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
    this._catching.passed = signals.map(signalName);
  }

  catchSyscalls(pid: number, numbers: ReadonlySet<number> | 'all' | undefined): void {
    const inferior = this._inferiors.find(pid);
    if (inferior === undefined) throw new UsageError('not attached to the process');
    inferior.calls = numbers;
    this._catching.update();
  }

  offer(features: ReadonlySet<string>): void {
    this._teller.offered = features;
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
    this._catching.prepare(how.direction);
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
    this._standing = this._teller.trap(engine.task);
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
    this._teller.sent = { tid: receiver.tid, signal: how.signal };
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
      if (this._isInterrupted) return this._teller.interrupted();
    }
  }

  /** What a client is told of a stop; undefined: nothing, and it goes on. */
  private async _told(engine: Engine, stop: Stop, how: Resumption): Promise<Standing | undefined> {
    switch (stop.reason.kind) {
      case 'input':
        await this._giveInput(engine);
        return undefined;
      case 'deadlock':
        this._options.report('every process that is left waits, and nothing can wake one');
        return this._teller.stopped(this._teller.anyThread(), 0);
      case 'interrupted':
        return this._teller.interrupted();
      case 'start':
        if (this._teller.anyThread() === undefined) await this._goToBirth(engine);
        return this._teller.trap(this._teller.anyThread(), REASON.historyBegin);
      default:
        return this._teller.told(stop, how);
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
    this._catching.update();
    this._standing = this._teller.stopped(task, SIGTRAP);
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
    this._catching.update();
    this._standing = this._teller.stopped(task, 0);
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
    this._catching.update();
    if (this._inferiors.pids().length === 0) this._goFree();
  }

  private _goFree(): void {
    const engine = this._engine;
    if (engine === undefined) return;
    this._catching.silence();
    this._isInterrupted = false;
    this._free = this._runFree(engine)
      .catch((error: unknown) => this._options.report(`internal error: ${String(error)}`))
      .finally(() => {
        this._free = undefined;
      });
  }

  /** Settled when what was detached from has come to its end, or is attached to again. */
  async freeRun(): Promise<void> {
    await this._free;
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
      this._catching.update();
    }
    return undefined;
  }

  killAll(): void {
    this._catching.stop();
    this._inferiors.detachAll();
    this._teller.forget();
    this._detour = undefined;
    // Its memory is for the next machine; one that still runs keeps it.
    if (this._free === undefined) this._engine?.machine.dispose();
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
